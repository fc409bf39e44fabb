"""A drawing as SVG, alone or in a page that needs nothing else: it opens in any browser, and it prints."""

from html import escape

from telephony.simulation.picture import DASH, INK, PAPER, Box, Drawing, Line, Shape


def page(title: str, picture: str) -> str:
    """Return an HTML page around a picture."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width"><style>body{margin:2em auto;max-width:980px;'
        "background:#fff}svg{max-width:100%;height:auto}</style></head>\n"
        f"<body>{picture}</body></html>\n"
    )


def as_svg(drawing: Drawing) -> str:
    """Return the drawing as one SVG element."""
    width, height, title = drawing.width, drawing.height, escape(drawing.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif"><title>{title}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>\n' + "\n".join(map(_shape, drawing.shapes)) + "\n</svg>"
    )


def _shape(one: Shape) -> str:
    if isinstance(one, Box):
        return (
            f'<rect x="{one.x:g}" y="{one.y:g}" width="{one.width:.1f}" height="{one.height:g}" fill="{one.colour}"/>'
        )
    if isinstance(one, Line):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in one.points)
        dashes = f' stroke-dasharray="{DASH[0]} {DASH[1]}"' if one.is_dashed else ""
        return f'<polyline points="{points}" fill="none" stroke="{one.colour}" stroke-width="{one.width}"{dashes}/>'
    return (
        f'<text x="{one.x:.1f}" y="{one.y:.1f}" text-anchor="{one.anchor}" font-size="{one.size}" fill="{INK}">'
        f"{escape(one.said)}</text>"
    )
