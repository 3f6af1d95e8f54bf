"""Claims as the notes show them: every character of the ledger's text in its place, and no formula in ASCII."""

import re
import unicodedata
import xml.etree.ElementTree as ElementTree

import page
import pytest
import typeset

from theory.catalogue import STATEMENTS

NAMES = {"‖": "||", "−": "-", "⋅": ".", "·": ".", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "±": "+-", "∼": "~"}
NAMES |= {"⟨": "<", "⟩": ">", "⌊": "floor", "⌋": "", "∑": "sum", "∏": "prod", "′": "'", "∗": "*", "∞": "oo"}
NAMES |= {"𝔼": "E", "ℝ": "R", "{": "", "}": "", "ε": "eps", "ϵ": "eps", "⊤": "T"}


def texts() -> dict[str, str]:
    """Everything that a statement's block shows, by id and field."""
    found = {}
    for id_, one in STATEMENTS.items():
        found |= {f"{id_} {part.source.value} {k}": part.covers for k, part in enumerate(one.sources)}
        found |= {f"{id_} claim": one.claim, f"{id_} not covered": one.not_covered, f"{id_} note": one.note}
    return {name: text for name, text in found.items() if text}


def read_back(node: ElementTree.Element) -> str:
    """MathML in plain characters, by its own table of names; a group's braces are left out."""
    name, parts = node.tag.rpartition("}")[2], [read_back(one) for one in node]
    match name:
        case "msub" | "munder":
            return f"{parts[0]}_{parts[1]}"
        case "msup":
            return parts[0] + ("" if parts[1] in ("*", "'") else "^") + parts[1]
        case "msubsup" | "munderover":
            return f"{parts[0]}_{parts[1]}" + ("" if parts[2] in ("*", "'") else "^") + parts[2]
        case "mover":
            return f"{parts[0]}^"
        case "msqrt":
            return f"sqrt{''.join(parts)}"
    return "".join(parts) if parts else letter((node.text or "").strip())


def letter(text: str) -> str:
    """One sign or name."""
    if text in NAMES:
        return NAMES[text]
    if len(text) == 1 and (
        found := re.fullmatch(r"GREEK (SMALL|CAPITAL)? ?(?:LETTER )?(\w+)( SYMBOL)?", unicodedata.name(text))
    ):
        name = found[2].replace("LAMDA", "LAMBDA")  # as Unicode spells it
        return name.capitalize() if found[1] == "CAPITAL" else name.lower()
    return text


def shown(markdown: str) -> str:
    """What the page shows of a text, in plain characters without spaces."""
    found = []
    for token in page.flat(page.reader().parse(markdown)):
        if token.type == "math":
            found.append(read_back(ElementTree.fromstring(page.mathml(token.content))))
        elif token.type in ("text", "text_special"):
            found.append(token.content)
        elif token.type == "code_inline":
            found.append(f"`{token.content}`")
    return re.sub(r"\s", "", "".join(found)).replace("...", "…")


def plain(text: str) -> str:
    """A text in the same form: one spelling of what has two, no braces, no parentheses of roots and floors."""
    one = (
        re.sub(r"(?<![A-Za-z])inf(?![A-Za-z_])", "oo", text)
        .replace("...", "…")
        .replace("..", "…")
        .replace(" * ", " . ")
    )
    one = re.sub(r"([*'])_(\{[^}]*\}|\w)", r"_\2\1", one)  # below before above
    one = re.sub(r"L2\(P\)", "L^2(P)", one)
    while found := re.search(r"(sqrt|floor)\(", one):
        depth, at = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(one[at], 0)
            at += 1
        one = f"{one[: found.end() - 1]}{one[found.end() : at - 1]}{one[at:]}"
    return re.sub(r"[\s{}]", "", one)


@pytest.mark.parametrize("id_", STATEMENTS)
def test_nothing_is_lost_added_or_moved(id_: str) -> None:
    """Every field of a statement, typeset, converted to MathML and read back by another table, is the ledger's text."""
    for name, text in texts().items():
        if name.split()[0] == id_:
            assert shown(typeset.typeset(text)) == plain(text), name


def test_no_formula_is_left_in_plain_characters() -> None:
    """Outside formulas and code no relation, norm, root, power, index or Greek letter is spelled out."""
    spelled = re.compile(r"[<>=^_|~]|\b(sqrt|" + "|".join(typeset.GREEK - {"eta", "nu", "mu", "xi", "pi"}) + r")\b")
    for name, text in texts().items():
        words = "".join(part for part, formula in typeset.parts(text) if not formula)
        assert not spelled.search(re.sub(r"`[^`]*`", "", words)), (name, words)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a path leads from a to b", "a path leads from $a$ to $b$"),
        ("A loss; A and B, C1's bound", "A loss; $A$ and $B$, C1's bound"),
        ("sqrt L(theta) <= floor(m/2)", r"$\sqrt{L(\theta)} \le \lfloor m/2 \rfloor$"),
        ("beta-smooth, two-layer, m-r", r"$\beta$-smooth, two-layer, $m-r$"),
        ("empty (V_j = 0), g* a network", r"empty ($V_j = 0$), $g^{\ast}$ a network"),
        ("if <R, f'> = 0, see `a_b <= c`", r"if $\langle R, f^{\prime}\rangle = 0$, see `a_b <= c`"),
        ("in 2019 (2019) 29 of 60 * 4^m", r"in 2019 (2019) 29 of $60 \cdot 4^m$"),
        ("w_x R^2 in R^D, ||.|| small", r"$w_x R^2$ in $\mathbb{R}^D$, $\lVert \cdot\rVert$ small"),
        ("their sum and sum_k u^_k, [x]", r"their sum and $\sum_k \hat{u}_k$, $[x]$"),
    ],
)
def test_known_answers(text: str, wanted: str) -> None:
    """Articles, roots, hyphens, asides, products of vectors, hats."""
    assert typeset.typeset(text) == wanted


def test_a_bar_that_is_not_closed_is_refused() -> None:
    """Not guessed."""
    with pytest.raises(ValueError, match="is not closed"):
        typeset.typeset("||a - b <= c")


@pytest.mark.parametrize(("sign", "wrong"), [("<=", "<"), ("'", ""), ("*", "+"), ("..", ",")])
def test_planted_errors_are_noticed(sign: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relation weakened, a product taken for a sum, dots lost: some field is then not read back; so for a prime."""
    if sign == "'":
        monkeypatch.setattr(typeset, "PRIME", wrong)
    else:
        monkeypatch.setitem(typeset.SIGNS, sign, wrong)
    assert any(shown(typeset.typeset(text)) != plain(text) for text in texts().values() if sign in text)
