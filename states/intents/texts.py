"""Many texts in little memory: a million sentences take what they are written in, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self, overload

from states.intents.forms import form_number, form_numbers

_TOGETHER = 256  # joined into one string: a string of its own costs each text 50 bytes more
_BETWEEN = "\0"  # stands in no tidy text


class Texts(Sequence[str]):
    """Tidy texts in the order they are added. Made to be read from the first to the last; one in
    the middle takes some microseconds.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._joined: list[str] = []
        self._last: list[str] = []
        self._opened: tuple[int, list[str]] = (-1, [])
        self.__iadd__(texts)

    def append(self, text: str) -> None:
        self._last.append(text)
        if len(self._last) == _TOGETHER:
            self._joined.append(_BETWEEN.join(self._last))
            self._last.clear()

    def __iadd__(self, texts: Iterable[str]) -> Self:
        for text in texts:
            self.append(text)
        return self

    def __len__(self) -> int:
        return len(self._joined) * _TOGETHER + len(self._last)

    def __iter__(self) -> Iterator[str]:
        for joined in self._joined:
            yield from joined.split(_BETWEEN)
        yield from self._last

    def form_numbers(self) -> Iterator[int]:
        """form_number of each."""
        for joined in self._joined:
            yield from form_numbers(joined, _BETWEEN)
        yield from map(form_number, self._last)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number, place = divmod(range(len(self))[index], _TOGETHER)
        if number == len(self._joined):
            return self._last[place]
        if self._opened[0] != number:
            self._opened = (number, self._joined[number].split(_BETWEEN))
        return self._opened[1][place]
