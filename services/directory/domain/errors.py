"""What can go wrong in directory."""

from shared.errors import Conflict, RuleViolated, TooMany, Unauthenticated, Unavailable


class BadCredentials(Unauthenticated):
    """No account has this username with this password: which of the two is never said."""

    code = "bad-credentials"
    title = "Nama pengguna atau kata sandi salah"
    title_en = "Wrong username or password"


class SessionEnded(Unauthenticated):
    """The session is unknown, was ended, lay idle too long or reached its limit."""

    code = "session-ended"
    title = "Sesi Anda sudah berakhir, silakan masuk lagi"
    title_en = "Your session has ended, please sign in again"


class NoCurrentDuty(Unauthenticated):
    """The worker holds no duty today, so there is nothing a token could allow."""

    code = "no-current-duty"
    title = "Anda tidak memiliki tugas yang berlaku hari ini"
    title_en = "You hold no duty that is in force today"


class UnknownClient(Unauthenticated):
    """No client has this id with this secret."""

    code = "unknown-client"
    title = "Klien tidak dikenal"
    title_en = "Unknown client"


class TooManyAttempts(TooMany):
    """Too many wrong passwords for this account or from this address."""

    code = "too-many-attempts"
    title = "Terlalu banyak percobaan masuk, tunggu sebentar"
    title_en = "Too many attempts to sign in, please wait"


class SignInBusy(Unavailable):
    """So many passwords wait to be checked that one more would only wait in vain."""

    code = "sign-in-busy"
    title = "Terlalu banyak orang masuk bersamaan, coba lagi sebentar"
    title_en = "Too many people are signing in at once, please try again shortly"


class WeakPassword(RuleViolated):
    """The password could be guessed."""

    code = "weak-password"
    title = "Kata sandi terlalu mudah ditebak"
    title_en = "The password is too easy to guess"


class WrongPassword(RuleViolated):
    """The present password given with a change of password does not fit."""

    code = "wrong-password"
    title = "Kata sandi saat ini salah"
    title_en = "The current password is wrong"


class UsernameTaken(Conflict):
    """Another account has this username."""

    code = "username-taken"
    title = "Nama pengguna sudah dipakai"
    title_en = "The username is taken"


class UnknownOrganisation(RuleViolated):
    """No organisation has this id."""

    code = "unknown-organisation"
    title = "Organisasi tidak dikenal"
    title_en = "Unknown organisation"


class PeriodReversed(RuleViolated):
    """The last day lies before the first."""

    code = "period-reversed"
    title = "Tanggal akhir mendahului tanggal awal"
    title_en = "The last day lies before the first"


class PeriodPast(RuleViolated):
    """The period is over already."""

    code = "period-past"
    title = "Masa tersebut sudah lewat"
    title_en = "The period is over already"


class DutyEnded(Conflict):
    """The duty has ended already."""

    code = "duty-ended"
    title = "Tugas sudah berakhir"
    title_en = "The duty has ended already"


class WorkerGone(Conflict):
    """The worker holds no duty any more."""

    code = "worker-left"
    title = "Petugas sudah tidak bertugas"
    title_en = "The worker holds no duty any more"


class AbsenceOverlaps(Conflict):
    """The worker announced an absence for some of these days before."""

    code = "absence-overlaps"
    title = "Sebagian hari itu sudah dilaporkan berhalangan"
    title_en = "An absence for some of these days was announced before"


class UnfitStandIn(RuleViolated):
    """The stand-in does not hold the same pillar over the same area on all of these days."""

    code = "unfit-stand-in"
    title = "Pengganti harus dari pilar yang sama dan mencakup wilayah yang sama"
    title_en = "The stand-in must serve the same pillar and cover the same area"
