"""What a form says of a person where one field holds several things."""

from decimal import Decimal, InvalidOperation

from services.portal.forms import Form
from services.portal.problems import FieldError


def names_in(form: Form) -> list[str]:
    """Other names, which are written with commas between them."""
    names = [name.strip() for name in form.get("aliases").split(",")]
    return [name for name in names if name]


def point_in(form: Form) -> dict[str, str] | None:
    """Degrees north and east, if any are given; refuses the form where they cannot be read."""
    if not (at := form.get("point")):
        return None
    try:
        latitude, longitude = (Decimal(degrees.strip()) for degrees in at.split(","))
    except (ValueError, InvalidOperation):
        form.add(FieldError("point", "Tulis lintang dan bujur, dipisahkan koma."))
        return None
    return {"latitude": str(latitude), "longitude": str(longitude)}
