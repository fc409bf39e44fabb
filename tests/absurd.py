"""Values valid in form and absurd in size, for every door: what was found once stays, hypothesis adds to it."""

from typing import Final

from hypothesis import strategies as st

DIGITS: Final = ("9" * 30, "9" * 18, "9" * 5000, "0", "-1", "٣", "03", "1e308", "-1e309", "nan", "inf", "1_000", "3.5")
DAYS: Final = (
    *("0001-01-01", "9999-12-31", "1969-12-31", "2026-02-30", "0001-01-01T00:00:00+14:00", "20261120"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+00:00~00000000-0000-0000-0000-000000000000"),
    *("9999-12-31T23:59:59-12:00~00000000-0000-0000-0000-000000000000", "29/02/2023", "1/1/0001", "31/12/9999"),
)
TEXTS: Final = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\u200b",
        "é" * 5000,
        "%",
        "%%",
        "'",
        '"',
        "\\",
        "../../etc/passwd",
        "{{7*7}}",
        "\r\nX: y",
    ),
    *("localtime", "Mars/Olympus", "posix/Europe/Paris", "America", "/etc/localtime", "x" * 300),
)
HALF: Final = ("\ud800", "a\udfffb")
"""Half characters: only JSON, headers and the command line can carry them."""
ABSURD: Final = (*DIGITS, *DAYS, *TEXTS)

texts = st.one_of(st.sampled_from(ABSURD), st.text(max_size=40), st.integers().map(str))
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from((2**63, -(2**64), 10**40)),
        st.floats(),
        st.sampled_from((1e308, -1e308)),
        st.sampled_from((*ABSURD, *HALF)),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=4,
)
