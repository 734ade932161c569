"""Which sentences are worth comparing: those that share many trigrams, found without a square.

near.py compares them. Each sentence is a set of the trigrams of its words. Its signature is the
smallest hash of the set under each of several hash functions (MinHash); two sentences whose sets
overlap by a share s have the same number in a share s of the places. A band is a few places put
together: sentences with an equal band are candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

# A share of 0.6 becomes candidates with probability 0.94, of 0.7 with 0.996, of 0.2 with 0.03.
BANDS, PLACES = 20, 4
PER_BAND = 6  # candidates of one sentence in one band
PER_LARGE_BAND = 2  # where more share it, the rows of a template perhaps: any of them will do
PER_SENTENCE = 16  # candidates in all: those with most bands in common, so the likeliest
_SEED = 20_261
_CHUNK = 1_000_000  # trigrams at a time: 8 MB for each array of them


def bands(forms: Sequence[str]) -> Numbers:
    """One row per sentence, one column per band; equal numbers make candidates."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    odd = random.integers(0, 2**63, size=BANDS * PLACES, dtype=np.uint64) * np.uint64(
        2
    ) + np.uint64(1)
    found = [_bands_of(chunk, odd) for chunk in _chunks(forms)]
    return np.concatenate(found) if found else np.zeros((0, BANDS), dtype=np.uint64)


def _chunks(forms: Sequence[str]) -> Iterator[Sequence[str]]:
    first, size = 0, 0
    for index, form in enumerate(forms):
        size += len(form) + 2
        if size >= _CHUNK:
            yield forms[first : index + 1]
            first, size = index + 1, 0
    if first < len(forms):
        yield forms[first:]


def _bands_of(forms: Sequence[str], odd: Numbers) -> Numbers:
    import numpy as np

    trigrams, starts = _trigrams(forms)
    columns = []
    for band in range(BANDS):
        key = np.zeros(len(forms), dtype=np.uint64)
        for factor in odd[band * PLACES : (band + 1) * PLACES]:
            hashed = trigrams * factor
            hashed ^= hashed >> np.uint64(29)
            key = (key ^ np.minimum.reduceat(hashed, starts)) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(32)
        columns.append(key)
    return np.stack(columns, axis=1)


def _trigrams(forms: Sequence[str]) -> tuple[Numbers, Numbers]:
    """The hash of every trigram of every sentence, and where each sentence begins.

    None spans two words, so the order of words does not count. " a" and "a " are of a word too.
    """
    import numpy as np

    # Every sentence is preceded by two spaces and followed by the next one's: it has a trigram.
    text = "".join(f"  {form}" for form in forms) + "  "
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = codes.astype(np.uint64)
    hashed = codes[:-2] * np.uint64(0x100000001B3) + codes[1:-1] * np.uint64(0x9E3779B1)
    hashed = (hashed + codes[2:]) * np.uint64(0xC2B2AE3D27D4EB4F)
    lengths = np.fromiter((len(form) + 2 for form in forms), dtype=np.int64, count=len(forms))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    space = np.uint64(32)
    inside = codes[1:-1] != space
    inside[starts] = True  # the empty sentence keeps one
    kept = np.cumsum(inside) - inside
    return hashed[inside], kept[starts]


def pairs_within(keys: Numbers) -> tuple[Numbers, Numbers]:
    """Candidates among one list, as two arrays of indices, the first of a pair the smaller."""
    return _unique(keys, keys)


def pairs_between(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """Candidates between two lists: indices into the first, and into the second."""
    return _unique(left, right)


def _unique(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    import numpy as np

    size = np.int64(max(len(right), 1))
    found = [np.zeros(0, dtype=np.int64)]
    for band in range(left.shape[1]):
        one, other = _in_band(left[:, band], right[:, band])
        if left is right:
            one, other = np.minimum(one, other), np.maximum(one, other)
            one, other = one[one != other], other[one != other]
        found.append(one * size + other)
    codes, bands_shared = _count(np.concatenate(found))
    one, other = codes // size, codes % size
    likeliest = _likeliest(other, bands_shared)
    return one[likeliest], other[likeliest]


def _count(codes: Numbers) -> tuple[Numbers, Numbers]:
    """The different ones, and how often each is there. (np.unique takes ten times as long.)"""
    import numpy as np

    codes.sort()
    first = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]])[: len(codes)])
    return codes[first], np.diff(np.append(first, len(codes)))


def _likeliest(other: Numbers, bands_shared: Numbers) -> Numbers:
    """Indices of the first PER_SENTENCE pairs of each sentence, most bands first."""
    import numpy as np

    if not len(other):
        return other
    order = np.lexsort((-bands_shared, other))
    sentence = other[order]
    begins = np.concatenate([[True], sentence[1:] != sentence[:-1]])
    rank = np.arange(len(order)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    kept: Numbers = order[rank < PER_SENTENCE]
    return kept


def _in_band(left: Numbers, right: Numbers) -> tuple[Numbers, Numbers]:
    """For each of `right`, up to PER_BAND of `left` with its key, spread over all that have it."""
    import numpy as np

    order = np.argsort(left, kind="stable")
    keys = left[order]
    low, high = np.searchsorted(keys, right, "left"), np.searchsorted(keys, right, "right")
    count = high - low
    has = np.flatnonzero(count > (1 if left is right else 0))
    low, count = low[has], count[has]
    one, other = [], []
    for step in range(PER_BAND):
        # In a small group each one is taken; in a large one, different ones by different rows.
        shift = np.where(count > PER_BAND, (has * 7 + step * count // PER_LARGE_BAND) % count, step)
        valid = (shift < count) & ((count <= PER_BAND) | (step < PER_LARGE_BAND))
        one.append(order[low[valid] + shift[valid]])
        other.append(has[valid])
    return np.concatenate(one), np.concatenate(other)
