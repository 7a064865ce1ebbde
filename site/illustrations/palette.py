"""The colours of the drawings, each with a partner for dark surroundings.

They are the site's (static/css/tokens.css), a little warmer. Skin keeps its tone in the dark, so that a person stays the same person.
"""

PALETTE: dict[str, tuple[str, str]] = {
    "ink": ("#1f3638", "#0d1a1b"),
    "pine": ("#1c5054", "#2f7073"),
    "pine-mid": ("#5f9794", "#4c8a88"),
    "pine-pale": ("#bcd8d2", "#37605f"),
    "mist": ("#e6f0ed", "#20383a"),
    "mist-deep": ("#d3e4df", "#2a4648"),
    "blaze": ("#f5b83d", "#e5a937"),
    "blaze-pale": ("#fbe3ab", "#8d7338"),
    "leaf": ("#7db07a", "#5f9567"),
    "leaf-deep": ("#3f7f5a", "#3c7455"),
    "leaf-pale": ("#d6e8d2", "#2d4d3d"),
    "clay": ("#d0714f", "#c06a4b"),
    "clay-pale": ("#f1cdb8", "#7d5546"),
    "plum": ("#7b4b6f", "#8e5f83"),
    "plum-pale": ("#e0cddc", "#5c4860"),
    "sky": ("#dcedf2", "#1f3d4a"),
    "sky-mid": ("#8dbccb", "#538499"),
    "sky-deep": ("#4a7f95", "#4a7e94"),
    "sand": ("#f8eedb", "#373c36"),
    "sand-deep": ("#ecdcba", "#4c4d40"),
    "trail": ("#f6ead0", "#8b866d"),
    "cloud": ("#fffdf7", "#3f5f6e"),
    "paper": ("#fffdf7", "#e2ded1"),
    "wood": ("#c2925f", "#94704d"),
    "wood-deep": ("#96693f", "#6f5238"),
    "stone": ("#c9d2cf", "#566a6a"),
    "stone-deep": ("#9fb0ad", "#738786"),
    "light": ("#fdecc0", "#f3d27f"),
    "glow": ("#fbe8bd", "#6d6748"),
    "skin-1": ("#f4d0b5", "#e3bd9f"),
    "skin-2": ("#e3b088", "#d3a079"),
    "skin-3": ("#c68d63", "#b98259"),
    "skin-4": ("#9b6644", "#946142"),
    "skin-5": ("#70482f", "#724c34"),
    "hair-black": ("#2a2426", "#171315"),
    "hair-brown": ("#5d3d2c", "#4d3224"),
    "hair-auburn": ("#a0572f", "#93502c"),
    "hair-fair": ("#dcae5f", "#c99c52"),
    "hair-grey": ("#b4b6b2", "#a3a6a3"),
    "hair-white": ("#eceae3", "#d9d6cd"),
}

_DARKER = "-shade"
_SHADOW = ("#0f3134", "#04100f")
_SHADOW_ON_SKIN = ("#7a3418", "#3d150a")
_DEPTH = (0.17, 0.26)


def shade(name: str) -> str:
    """The name of the same colour in the shade: far arms, folds, the underside of a table."""
    return name if name.endswith(_DARKER) else name + _DARKER


def values(name: str) -> tuple[str, str]:
    """The colour as hexadecimal, in light and in dark surroundings. An unknown name is a KeyError."""
    pair = PALETTE[name.removesuffix(_DARKER)]
    if not name.endswith(_DARKER):
        return pair
    shadow = _SHADOW_ON_SKIN if name.startswith("skin") else _SHADOW
    return _mixed(pair[0], shadow[0], _DEPTH[0]), _mixed(pair[1], shadow[1], _DEPTH[1])


def _mixed(colour: str, other: str, share: float) -> str:
    channels = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in channels)
