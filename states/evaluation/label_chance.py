"""How probable the intent that an answer names is, from what the service says of its tokens.

question_round.py calls `LabelChances.of` for each answer. Where the tokens do not tell, there is no
number.
"""

from __future__ import annotations

import codecs
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from states.foreign import clean
from states.intents.forms import answer_forms, name_form, prefix_forms
from states.remote import Finish, Reply, Token

MOST_OTHERS = 5  # of the other intents that are told; a curve needs none, a reader not more
_WHOLE = 1.01  # a distribution may sum to so much: services round
_END = re.compile(
    rb"(<\|\w{1,30}\|>|</s>)?"
)  # how the end of an answer is spelled among other tokens
_AFTER_ALL = "\U0010ffff"


@dataclass(frozen=True)
class LabelChance:
    """`probability`: of the intent named, over the intents. `others`: of the likeliest others.

    All of them together are 1 at most; less where a mass is not of one intent alone."""

    probability: float
    others: Mapping[str, float]


class LabelChances:
    """Scores answers that should name one of these intents.

    A text may become the intents that begin with it. As soon as a text may become one intent alone,
    the chance of the text is that of the intent: what follows is settled, given that an intent is
    named. The answer is followed until then, and at each of its tokens the alternatives are counted
    with the chance of what stands before them. Mass that can become no intent does not count, and
    mass that is not listed counts as that of others: a chance is rather too low than too high.
    """

    def __init__(self, intents: Sequence[str]) -> None:
        self._by_form = {name_form(intent): intent for intent in intents}
        self._forms = sorted(self._by_form)
        self._become = lru_cache(maxsize=4096)(self._find)  # most answers begin alike

    def of(self, reply: Reply) -> LabelChance | None:
        """None where the tokens are not those of the text, or do not tell which intent it names.

        The latter for an intent that begins another's name: nobody says how probable its end is.
        """
        form = next((form for form in answer_forms(reply.text) if form in self._by_form), None)
        if form is None or reply.finish is not Finish.STOP or not _spells(reply.tokens, reply.text):
            return None
        masses = self._follow(form, reply.tokens)
        return None if masses is None else self._share(form, masses)

    def _share(self, form: str, masses: _Masses) -> LabelChance | None:
        whole = masses.total
        if masses.alone[form] <= 0:
            return None  # it was said all the same: these are not its chances
        shares = {other: _floor(mass / whole) for other, mass in masses.alone.items()}
        named = shares.pop(form)
        likeliest = sorted(shares, key=lambda other: (-shares[other], other))[:MOST_OTHERS]
        others = {self._by_form[other]: shares[other] for other in likeliest if shares[other]}
        return LabelChance(named, others)

    def _follow(self, form: str, tokens: Sequence[Token]) -> _Masses | None:
        masses, text, chance = _Masses(), b"", 1.0
        for token in tokens:
            if self._become(text) == {form}:
                break
            listed = _read_chances(token)
            if listed is None:
                return None
            for piece, share in listed.items():
                if piece != token.piece:
                    masses.add(self._become(text, piece), chance * share)
            masses.shared += chance * max(0.0, 1.0 - math.fsum(listed.values()))
            text, chance = text + token.piece, chance * listed[token.piece]
        masses.add({form}, chance)
        return masses if self._become(text) == {form} else None

    def _find(self, text: bytes, piece: bytes | None = None) -> Collection[str]:
        """The forms of the intents that the text may become, once it goes on with `piece`."""
        is_over = piece is not None and _END.fullmatch(piece) is not None
        # A character that is cut off at the end is left out: what follows makes it whole.
        said = codecs.utf_8_decode(text if is_over else text + (piece or b""), "replace", is_over)[
            0
        ]
        found = {form for form in answer_forms(said) if form in self._by_form}
        if is_over:
            return found
        for prefix in prefix_forms(said):
            low = bisect_left(self._forms, prefix)
            found.update(self._forms[low : bisect_left(self._forms, prefix + _AFTER_ALL)])
        return found


@dataclass
class _Masses:
    """`alone`: by the form of the one intent that it becomes; `shared`: of several, or unlisted."""

    alone: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    shared: float = 0.0

    @property
    def total(self) -> float:
        return math.fsum(self.alone.values()) + self.shared

    def add(self, forms: Collection[str], mass: float) -> None:
        if len(forms) == 1:
            self.alone[next(iter(forms))] += mass
        elif forms:
            self.shared += mass


def _spells(tokens: Sequence[Token], text: str) -> bool:
    """The tokens are those of the text, to its end."""
    try:
        spelled = b"".join(token.piece for token in tokens).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return clean(spelled).strip() == text


def _read_chances(token: Token) -> dict[bytes, float] | None:
    """The chance of each listed piece, the token's own among them. None for no distribution."""
    listed = {**token.others, token.piece: token.logprob}
    chances = {piece: math.exp(min(logprob, 0.0)) for piece, logprob in listed.items()}
    return chances if math.fsum(chances.values()) <= _WHOLE else None


def _floor(share: float) -> float:
    """Six decimals, rounded down, so that all of them together stay 1 at most."""
    return math.floor(share * 1e6 + 1e-4) / 1e6  # no hair's breadth below 0.75 is 0.749999
