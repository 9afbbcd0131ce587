"""On which sound a word ends when it is read aloud in Korean: what the choice of a particle hangs on."""

import re
from typing import Literal

Final = Literal["vowel", "rieul", "consonant", "unknown"]
"""`rieul` is the final ㄹ, which most particles treat as a consonant and 으로/로 as a vowel."""

_DIGITS: dict[str, Final] = {
    "0": "consonant",  # 영, 십, 백, 천, 만, 억
    "1": "rieul",  # 일
    "2": "vowel",  # 이
    "3": "consonant",  # 삼
    "4": "vowel",  # 사
    "5": "vowel",  # 오
    "6": "consonant",  # 육
    "7": "rieul",  # 칠
    "8": "rieul",  # 팔
    "9": "vowel",  # 구
}
_LETTERS: dict[str, Final] = {"l": "rieul", "r": "rieul", "m": "consonant", "n": "consonant"}  # 엘, 알, 엠, 엔
_SIGNS: dict[str, Final] = {
    "%": "vowel",  # 퍼센트
    "％": "vowel",
    "‰": "rieul",  # 퍼밀
    "°": "vowel",  # 도
    "∞": "vowel",  # 무한대
    "²": "consonant",  # 제곱
    "³": "consonant",
    "ε": "consonant",  # 엡실론
    "ν": "vowel",  # 뉴
    "μ": "vowel",  # 뮤
}
_WORDS: dict[str, Final] = {
    "check": "vowel",  # 체크, though -ck closes 블록 and 백
    "dropout": "consonant",  # 드롭아웃
    "layout": "consonant",
    "timeout": "consonant",
    "one": "consonant",  # 원
    "acme": "vowel",
    "kernel": "rieul",
}
_GLOSS = re.compile(r"(?<=[가-힣])\([^()]*\)$")
_POWER = re.compile(r"(\^[-+−]?\d+(\.\d+)?|[⁰¹⁴-⁹])$")
_INTEGER_ZEROS = re.compile(r"(?<![\d.,])[\d,]*?[1-9],?((?:0,?)+)$")
_WORD = re.compile(r"[A-Z]+$|[A-Z]?[a-z]+$")
_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8


def final_sound(text: str) -> Final:
    """The final sound of what is read last in `text`.

    Closing quotes, brackets, backticks and other signs that are not read are skipped. A bracket that explains a
    Korean word is not read either: in `층(12)` it is 층 that counts.

    Args:
        text: any text; only its end matters.

    Returns:
        `unknown` if nothing at its end can be read in Korean, e.g. an empty text or a Chinese character.

    >>> [final_sound(word) for word in ("기울기", "손실", "층", "3", "`fc.1`", "LSTM", "85 %")]
    ['vowel', 'rieul', 'consonant', 'consonant', 'rieul', 'consonant', 'vowel']
    """
    spoken = _GLOSS.sub("", _without_silent_end(text, keep=")"))
    spoken = _without_silent_end(spoken, keep="")
    if not spoken:
        return "unknown"
    if _POWER.search(spoken):
        return "consonant"  # 10^-9 is read ... 제곱
    last = spoken[-1]
    if last in _SIGNS:
        return _SIGNS[last]
    if _FIRST_SYLLABLE <= ord(last) <= _LAST_SYLLABLE:
        return _of_syllable(last)
    if last in _DIGITS:
        return _of_number(spoken)
    if last.isascii() and last.isalpha():
        return _of_latin(spoken)
    return "vowel" if "α" <= last.lower() <= "ω" else "unknown"


def _is_silent(character: str) -> bool:
    if character in _SIGNS:
        return False
    return not character.isalnum()


def _without_silent_end(text: str, keep: str) -> str:
    end = len(text)
    while end and _is_silent(text[end - 1]) and text[end - 1] not in (keep or "\0"):
        end -= 1
    return text[:end]


def _of_syllable(syllable: str) -> Final:
    final = (ord(syllable) - _FIRST_SYLLABLE) % _FINALS
    if final == 0:
        return "vowel"
    return "rieul" if final == _RIEUL else "consonant"


def _of_number(text: str) -> Final:
    zeros = _INTEGER_ZEROS.search(text)
    if zeros and 12 <= zeros.group(1).count("0") < 16:
        return "vowel"  # 조, the one unit of large numbers that ends in a vowel
    return _DIGITS[text[-1]]


def _of_latin(text: str) -> Final:
    match = _WORD.search(text)
    word = match.group() if match else text[-1]
    lower = word.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if word.isupper() or not re.search("[aeiouy]", lower):
        return _LETTERS.get(lower[-1], "vowel")  # spelt out: LSTM, fc, bn
    return _of_word(lower)


def _of_word(word: str) -> Final:
    """How a lower-case English word ends in its usual Korean form: 모델, 놈, 스텝, 블록, 레이어, 시그모이드."""
    if re.search("(?:l|[^aeiou]le|[aeiou]le)$", word):
        return "rieul"
    if re.search("(?:[mn]|[aeiou][mn]e|ng|ck)$", word):
        return "consonant"
    if re.search("(?:^|[^aeiou])[aeiou][ptk]$", word):
        return "consonant"  # after one short vowel: 스텝, 넷, 인풋
    return "vowel"
