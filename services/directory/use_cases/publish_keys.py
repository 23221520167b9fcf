"""Publish the keys that prove our tokens."""

from joserfc.jwk import KeySet, OKPKey

from shared.auth import ALGORITHM


def public_keys(signing_key: OKPKey) -> KeySet:
    """The public half of the signing key, as `/.well-known/jwks.json` shows it."""
    public = {**signing_key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}
    return KeySet.import_key_set({"keys": [public]})
