"""Every small change of a Python file that could be a slip of its author: which, where, and the text with it."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMBINED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMED = {"min": "max", "max": "min", "floor": "ceil", "ceil": "floor", "any": "all", "all": "any"}
NAMED |= {"minimum": "maximum", "maximum": "minimum", "hstack": "vstack", "zeros": "ones", "ones": "zeros"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file. `index` counts the changes of this kind in this function."""

    file: str
    function: str
    operator: str
    index: int
    line: int
    last_line: int
    before: str
    after: str
    start: int
    stop: int

    @property
    def key(self) -> str:
        """The same for the same change however the rest of the project changes."""
        return f"{self.file}:{self.function}:{self.operator}:{self.index}"

    def draw(self, seed: int) -> float:
        """A number in [0, 1) that depends on the seed and the key alone."""
        return int.from_bytes(hashlib.sha256(f"{seed}:{self.key}".encode()).digest()[:6], "big") / 2**48

    def applied(self, source: bytes) -> bytes:
        """The file's bytes with the change."""
        return source[: self.start] + self.after.encode() + source[self.stop :]


def mutants(path: Path, name: str) -> list[Mutant]:
    """All mutants of a file, which calls itself `name`, in the order of its text. Words of messages, annotations and
    docstrings are left alone.
    """
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for function, node, operator, after in _changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        index = seen[function, operator]
        seen[function, operator] += 1
        last = node.end_lineno or node.lineno
        before = source[start:stop].decode()
        found.append(Mutant(name, function, operator, index, node.lineno, last, before, after, start, stop))
    return found


Place = ast.expr | ast.stmt
Change = tuple[str, Place, str, str]


def _changes(tree: ast.Module) -> Iterator[Change]:
    for statement in tree.body:
        yield from _walk(statement, "")


def _walk(node: ast.AST, function: str) -> Iterator[Change]:
    """The changes of a node and of what it holds; a node that only words or types hold is passed over."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            inside = f"{function}.{node.name}" if function else node.name
            held: list[ast.AST] = [*node.body]
            if isinstance(node, ast.FunctionDef):
                held = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None), *held]
            for child in held:
                yield from _walk(child, inside)
            return
        case ast.Import() | ast.ImportFrom() | ast.JoinedStr() | ast.Expr(value=ast.Constant()):
            return
        case ast.AnnAssign():
            if node.value is not None:
                yield from _walk(node.value, function)
            return
        case ast.If() | ast.While():
            yield function, node.test, "condition", _negated(node.test)
        case ast.comprehension():
            for test in node.ifs:
                yield function, test, "condition", _negated(test)
    if isinstance(node, (ast.expr, ast.stmt)):
        for operator, after in _variants(node):
            yield function, node, operator, after
    if isinstance(node, ast.Raise):  # what it says is words
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, function)


def _variants(node: Place) -> Iterator[tuple[str, str]]:
    """What may stand in the place of a node: the operator's name and the text."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for k, op in enumerate(ops):
                swapped = [*ops[:k], COMPARED[type(op)](), *ops[k + 1 :]]
                yield "compare", _text(ast.Compare(left, swapped, others))
        case ast.BoolOp(op=op, values=values):
            yield "boolean", _text(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in COMBINED:
            yield "arithmetic", _text(ast.BinOp(left, COMBINED[type(op)](), right))
            if isinstance(op, ast.FloorDiv):  # rounded up
                negated = ast.BinOp(ast.UnaryOp(ast.USub(), left), op, right)
                yield "rounding", _text(ast.UnaryOp(ast.USub(), negated))
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            yield "unary", _text(operand)
        case ast.Constant(value=bool(value)):
            yield "flag", str(not value)
        case ast.Constant(value=int(value)):
            yield "constant", str(value + 1)
            yield "constant", _text(ast.Constant(value - 1))
        case ast.IfExp(test=test, body=body, orelse=other):
            yield "condition", _text(ast.IfExp(test, other, body))
        case ast.Name(id=name, ctx=ast.Load()) if name in NAMED:
            yield "named", NAMED[name]
        case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if name in NAMED:
            yield "named", ast.unparse(ast.Attribute(value, NAMED[name], ast.Load()))
        case ast.Call(func=called, args=[one, other, *rest], keywords=words):
            symmetric = ast.unparse(called) in ("min", "max", "gcd", "np.maximum", "np.minimum")
            if not symmetric and not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred):
                yield "arguments", ast.unparse(ast.Call(called, [other, one, *rest], words))
        case ast.Return(value=ast.expr()) if ast.unparse(node) != "return None":
            yield "return", "return None"
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield "removed", "pass"
        case ast.AugAssign():
            yield "removed", "pass"
        case ast.Continue():
            yield "removed", "break"
        case ast.Break():
            yield "removed", "continue"


def _negated(test: ast.expr) -> str:
    return _text(ast.UnaryOp(ast.Not(), test))


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(ast.fix_missing_locations(node))})"
