"""The words cases has for its codes, and what each verb asks for."""

from pydantic import AliasChoices, Field

from services.portal.clients.answers import Answer


class Option(Answer):
    """A code with its label."""

    code: str
    label: str = Field(validation_alias=AliasChoices("label", "name"))


class Status(Option):
    """A status of a referral."""

    final: bool = False


class Need(Answer):
    """One field a verb asks for."""

    field: str
    kind: str
    label: str = Field(default_factory=lambda said: str(said["field"]))
    required: bool = False
    options: tuple[Option, ...] = ()

    def word(self, code: str) -> str:
        """The label of one of its options; the code itself where it is unknown."""
        return next((one.label for one in self.options if one.code == code), code)


class Verb(Option):
    """Something that can be done with a referral, and by whom in general."""

    actors: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()


class Category(Option):
    """A PPKS category."""

    number: int = 0
    sensitivity: str = "C1"
    valid: bool = True
    """Whether it may be given today."""


class Reference(Answer):
    """Every list of codes the pages draw from."""

    statuses: tuple[Status, ...]
    verbs: tuple[Verb, ...]
    return_reasons: tuple[Option, ...] = ()
    outcomes: tuple[Option, ...] = ()
    phases: tuple[Option, ...] = ()
    urgencies: tuple[Option, ...] = ()
    ages: tuple[Option, ...] = ()
    legal_bases: tuple[Option, ...] = ()
    categories: tuple[Category, ...] = ()
    situations: tuple[Option, ...] = ()
    pillars: tuple[Option, ...] = ()
    disaster_situations: tuple[Option, ...] = ()
    site_kinds: tuple[Option, ...] = ()
    flags: tuple[Option, ...] = ()

    def label(self, listed: str, code: str | None) -> str:
        """The label of a code in one of the lists; the code itself where it is unknown."""
        options: tuple[Option, ...] = getattr(self, listed)
        return next((one.label for one in options if one.code == code), code or "")

    def verb(self, code: str) -> Verb | None:
        """The verb with this code."""
        return next((verb for verb in self.verbs if verb.code == code), None)
