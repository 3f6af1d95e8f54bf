"""The words of the ledger typeset: its plain formulas, as in `||V_j z_j||^2 <= L(theta)`, as LaTeX between dollars.

Claims are written once, in plain characters that any terminal shows. Here a text is cut into tokens, each of which is
told to be a formula's or a sentence's, and every stretch of a formula's is written in LaTeX, token by token: nothing is
simplified, nothing changes its place. `tests/notes/test_typeset.py` reads the page's formulas back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SMALL = ("alpha", "beta", "delta", "eps", "eta", "kappa", "lambda", "mu", "nu", "omega", "phi", "pi", "psi", "rho")
OTHER = ("sigma", "tau", "theta", "xi", "zeta", "Gamma", "Lambda", "Omega", "Phi", "Psi", "Theta")
GREEK = frozenset((*SMALL, *OTHER))
FUNCTIONS = {name: f"\\{name}" for name in ("sum", "prod", "log", "exp", "sin", "cos", "max", "min", "sup")}
FUNCTIONS |= {"sqrt": "", "floor": "", "oo": r"\infty", "inf": r"\infty", "Dq": "Dq", "js": "js"}
FUNCTIONS |= {name: f"\\operatorname{{{name}}}" for name in ("tr", "Lip", "Gram")}
CALLED = ("depth", "mean", "reach")
"""Words of a sentence unless an argument or a relation follows."""
SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "->": r"\to", "+-": r"\pm", "~": r"\sim"}
SIGNS |= {"..": r"\dots", "...": r"\dots", "*": r"\cdot"}
PRIME, STAR = r"^{\prime}", r"^{\ast}"
SIGNS |= {sign: sign for sign in "<>=+-/"}
PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}
ENCLOSED = {"(": "()", "[": "[]", "{": (r"\lbrace ", r"\rbrace"), "<": (r"\langle ", r"\rangle")}
ENCLOSED |= {"||": (r"\lVert ", r"\rVert"), "|": (r"\lvert ", r"\rvert")}
RELATIONS = ("<=", ">=", "<", ">", "=", "!=")
LONG = 30
"""Characters after which a formula in a sentence may be cut: what a narrow page shows in one line."""
AFTER_A_LETTER = ("and", "or", "alone", "alike", "is", "are", "with", "on", "in", "only", "to", "up")
"""Words before which `a` or `A` is a letter of a formula, not an article."""

TOKEN = re.compile(
    r"(?P<code>`[^`]*`)|(?P<space>\s+)"
    r"|(?P<statement>(?<![\w^])(?:[LECRTU]\d+[a-z]?[A-Z]?\+?|RM)(?![\w(^]))"
    rf"|(?P<compound>(?!(?:{'|'.join(GREEK)})-)[A-Za-z]{{2,}}(?:-[A-Za-z]{{2,}})+)"
    r"|(?P<number>\d+)|(?P<word>[A-Za-z]+)|(?P<sign>\|\||<=|>=|!=|->|\+-|\.\.\.?|.)",
    re.S,
)
SPECIAL = re.compile(r"([\\*_<\[\]|$])")


@dataclass(frozen=True)
class Token:
    """One token of a text, and whether it is a formula's."""

    text: str
    kind: str
    formula: bool = False


def typeset(text: str) -> str:
    """The text as Markdown whose formulas are LaTeX between dollars; code between backticks stays."""
    return "".join(f"${part}$" if formula else part for part, formula in parts(text))


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Sentences, escaped for Markdown, and formulas, in LaTeX: what stands there, and whether it is a formula."""
    tokens = _told([Token(found[0], str(found.lastgroup)) for found in TOKEN.finditer(text)])
    start = 0
    while start < len(tokens):
        stop = start + 1
        while stop < len(tokens) and (tokens[stop].formula == tokens[start].formula or _bridges(tokens, start, stop)):
            stop += 1
        if tokens[start].formula:
            first, *others = _pieces(tokens[start:stop])
            yield _latex(first), True
            for piece in others:
                yield from ((" ", False), (f"{{}} {_latex(piece)}", True))
        else:
            yield "".join(_prose(token) for token in tokens[start:stop]), False
        start = stop


def _pieces(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """A long formula cut before a relation, a plus or a minus outside all brackets, where a line may end."""
    cuts, depth, bars, begun = [0], 0, 0, 0
    for at, token in enumerate(tokens):
        begun += len(token.text)
        bars ^= token.text in ("||", "|")
        depth += (token.text in "([{") - (token.text in ")]}")
        between = 0 < at < len(tokens) - 1 and tokens[at - 1].kind == tokens[at + 1].kind == "space"
        if between and depth == bars == 0 and token.text in (*RELATIONS, "+", "-") and begun > LONG:
            cuts.append(at)
            begun = 0
    ends = [*(cut - 1 for cut in cuts[1:]), len(tokens)]
    return [tokens[one:other] for one, other in zip(cuts, ends, strict=True)]


def _bridges(tokens: Sequence[Token], start: int, at: int) -> bool:
    """Whether a space lies inside a formula; what follows an interval is another one."""
    if not tokens[start].formula or tokens[at].kind != "space" or at + 1 == len(tokens):
        return False
    after = tokens[at + 1]
    return after.formula and not (tokens[at - 1].text == "]" and (after.kind == "word" or after.text == "("))


def _prose(token: Token) -> str:
    return token.text if token.kind == "code" else SPECIAL.sub(r"\\\1", token.text)


def _told(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, each told apart: words first, then brackets by what they hold, then signs by what is beside them."""
    told: dict[int, bool] = {}
    for at, token in enumerate(tokens):
        if token.kind == "word":
            told[at] = _is_symbol(tokens, at)
        elif token.kind in ("code", "statement", "compound", "space"):
            told[at] = False
    pairs = _pairs(tokens)
    inside: dict[int, int] = {}
    for opened, closed in sorted(pairs.items()):
        inside |= dict.fromkeys(range(opened + 1, closed), opened)
    for opened, closed in sorted(pairs.items(), key=lambda pair: pair[1] - pair[0]):
        held = [at for at in range(opened + 1, closed) if tokens[at].kind not in ("space", "sign", "number")]
        told[opened] = told[closed] = all(told[at] for at in held) and not _is_aside(tokens, opened, closed)
    for at, token in enumerate(tokens):
        if token.kind == "sign" and at not in told:
            told[at] = _is_operator(tokens, told, at, told.get(inside.get(at, -1), False))
    for at, token in enumerate(tokens):
        if token.kind == "number":
            told[at] = any(told.get(beside, False) for beside in _beside(tokens, at))
    return [Token(token.text, token.kind, told[at]) for at, token in enumerate(tokens)]


def _pairs(tokens: Sequence[Token]) -> dict[int, int]:
    """Where brackets open, and where each is closed."""
    pairs: dict[int, int] = {}
    open_: list[int] = []
    for at, token in enumerate(tokens):
        before, after = _at(tokens, at - 1).kind, _at(tokens, at + 1).kind
        if token.text in "([{" or (token.text == "<" and before in ("space", "none") and after == "word"):
            open_.append(at)
        elif open_ and token.text == PAIRS[tokens[open_[-1]].text] and (token.text != ">" or before != "space"):
            pairs[open_.pop()] = at
    return pairs


def _is_aside(tokens: Sequence[Token], opened: int, closed: int) -> bool:
    """Whether parentheses are a sentence's, though they hold a formula: `(V_j = 0)`, or a year."""
    held = [token for token in tokens[opened + 1 : closed] if token.kind != "space"]
    if tokens[opened].text != "(" or _at(tokens, opened - 1).kind not in ("space", "none"):
        return False
    return any(token.text in RELATIONS for token in held) or (len(held) == 1 and len(held[0].text) == 4)


def _beside(tokens: Sequence[Token], at: int) -> list[int]:
    """The nearest token on either side that is no space."""
    left = next((k for k in range(at - 1, -1, -1) if tokens[k].kind != "space"), None)
    right = next((k for k in range(at + 1, len(tokens)) if tokens[k].kind != "space"), None)
    return [k for k in (left, right) if k is not None]


def _at(tokens: Sequence[Token], at: int) -> Token:
    return tokens[at] if 0 <= at < len(tokens) else Token("", "none")


def _is_symbol(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word is a letter, or the name of a number or function."""
    word, before, after = tokens[at].text, _at(tokens, at - 1), _at(tokens, at + 1)
    following = _at(tokens, at + 2)
    if word == "floor":
        return after.text == "("
    if word == "sum":
        return after.text == "_" or following.text == "||"
    if word in GREEK or word in FUNCTIONS or before.text in ("_", "^"):
        return True
    if word in CALLED:
        return after.text == "(" or (after.kind == "space" and following.text in RELATIONS)
    if word in ("L", "I") and after.kind == "number":
        return True
    if len(word) > 1 or (word == "s" and before.text == "'"):
        return False
    return word not in "aA" or after.kind != "space" or not _is_article(tokens, at)


def _is_article(tokens: Sequence[Token], at: int) -> bool:
    """Whether `a` or `A` before a space is a sentence's."""
    following, last = _at(tokens, at + 2), _at(tokens, at - 2 if _at(tokens, at - 1).kind == "space" else at - 1)
    starred = last.text == "*" and _at(tokens, at - 3).kind == "word"
    if tokens[at].text == "A" and last.text not in ("", ".", ":", ";", "("):
        return False
    if last.kind == "sign" and last.text not in (".", ",", ":", ";", "(") and not starred:
        return False
    if following.kind == "sign":
        return following.text not in SIGNS
    return following.text not in AFTER_A_LETTER


def _is_operator(tokens: Sequence[Token], told: Mapping[int, bool], at: int, in_formula: bool) -> bool:
    """Whether a sign that is no bracket is a formula's."""
    sign, before, after = tokens[at].text, _at(tokens, at - 1), _at(tokens, at + 1)
    after_formula = told.get(at - 1, before.kind == "number")
    before_formula = told.get(at + 1, after.kind in ("number", "sign"))
    match sign:
        case "," | ";" | ":":
            return in_formula
        case "." if before.text == after.text == "||":  # any vector
            return True
        case ".":
            return after_formula and (told.get(at + 1, False) or after.text == "(") and before.kind != "number"
        case "'":
            return after_formula and before.kind == "word" and after.kind != "word"
        case "-" | "/":
            joined = before.kind != "space" and after.kind != "space"
            return not joined or (after_formula and before_formula) or before.kind == "sign"
        case "..." | "..":
            return in_formula or (after_formula and before_formula)
        case "_" | "^" | "|" | "||":
            return True
        case "+" if before.text in ("_", "^"):
            return True
        case _:
            return sign in SIGNS


def _latex(tokens: Sequence[Token]) -> str:
    """One formula in LaTeX, spaced as it was."""
    made = ""
    at = 0
    while at < len(tokens):
        if tokens[at].kind == "space":
            made, at = made + " ", at + 1
            continue
        piece, at = _scripted(tokens, at)
        made += " " * (bool(re.search(r"\\[A-Za-z]+$", made)) and piece[0].isalpha()) + piece
    return made


def _scripted(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """An atom with its primes, stars, sub- and superscripts, and where the next one begins."""
    base, at = _atom(tokens, at)
    raised = False
    while (sign := _at(tokens, at).text) in ("_", "^", "'", "*"):
        if sign == "*" and (tokens[at - 1].kind == "space" or _at(tokens, at + 1).kind in ("word", "number")):
            break
        if sign == "^" and _at(tokens, at + 1).text == "_":
            base, at = f"\\hat{{{base}}}", at + 1
            continue
        if raised and sign != "_":
            base, raised = f"{{{base}}}", False
        raised |= sign != "_"
        if sign in ("'", "*"):
            base, at = base + (PRIME if sign == "'" else STAR), at + 1
        else:
            script, at = _script(tokens, at + 1)
            base += sign + (script if len(script) == 1 else f"{{{script}}}")
    return base, at


def _script(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """What stands below or above: a group, a sign, or a letter or number, perhaps with a minus."""
    if tokens[at].text == "{":
        end = _closing(tokens, at)
        return _latex(tokens[at + 1 : end]), end + 1
    if tokens[at].text in ("+", "-"):
        if _at(tokens, at + 1).kind != "number":
            return tokens[at].text, at + 1
        return tokens[at].text + tokens[at + 1].text, at + 2
    word = tokens[at].text
    return (_name(word) if word in GREEK or word in FUNCTIONS else word), at + 1


def _atom(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """A letter, number, sign, root, or what a pair of brackets or bars holds."""
    token = tokens[at]
    if token.text in ("sqrt", "floor"):
        return _root_or_floor(tokens, at)
    if token.text in "([{" or token.text in ("||", "|") or (token.text == "<" and _at(tokens, at + 1).kind == "word"):
        end = _closing(tokens, at)
        left, right = ENCLOSED[token.text]
        return left + _latex(tokens[at + 1 : end]) + right, end + 1
    if token.text == ".":
        return r"\cdot", at + 1
    if token.kind == "word":
        following = _at(tokens, at + 1)
        if token.text == "L" and following.text == "2":
            return "L^{2}", at + 2
        if token.text == "inf" and following.text == "_":
            return r"\inf", at + 1
        if token.text == "R" and following.text == "^" and _at(tokens, at + 2).kind != "number":
            return r"\mathbb{R}", at + 1
        return _name(token.text), at + 1
    return SIGNS.get(token.text, token.text), at + 1


def _root_or_floor(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """`sqrt(...)`, `floor(...)`, or `sqrt` of the next atom, with the argument that it is a function of."""
    inside = at + 1 + (_at(tokens, at + 1).kind == "space")
    if tokens[inside].text == "(":
        end = _closing(tokens, inside)
        held = _latex(tokens[inside + 1 : end])
        made = f"\\sqrt{{{held}}}" if tokens[at].text == "sqrt" else f"\\lfloor {held} \\rfloor"
        return made, end + 1
    made, end = _scripted(tokens, inside)
    if _at(tokens, end).text == "(":
        argument, end = _atom(tokens, end)
        made += argument
    return f"\\sqrt{{{made}}}", end


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Where what opens at `at` is closed. Raises ValueError: nowhere."""
    opened = tokens[at].text
    depth = 0
    for k in range(at + 1, len(tokens)):
        text = tokens[k].text
        if opened in PAIRS:
            depth += (text == opened and opened != "<") - (text == PAIRS[opened])
            if depth < 0:
                return k
        elif depth == 0 and text == opened:
            return k
        else:
            depth += (text in "([{") - (text in ")]}")
    raise ValueError(f"{''.join(token.text for token in tokens)!r}: {opened} is not closed")


def _name(word: str) -> str:
    """A letter or a name."""
    if word in GREEK:
        return r"\varepsilon" if word == "eps" else f"\\{word}"
    if word in CALLED:
        return f"\\operatorname{{{word}}}"
    return {"E": r"\mathbb{E}"}.get(word, FUNCTIONS.get(word, word))
