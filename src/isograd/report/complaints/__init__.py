"""What is said of bad input, in the reader's language: errors are raised in English, where no language is known."""

from isograd.facts import Language, Text
from isograd.report.complaints.outputs import OUTPUTS
from isograd.report.complaints.records import RECORDS
from isograd.report.complaints.scripts import SCRIPTS
from isograd.report.complaints.tasks import TASKS
from isograd.report.complaints.words import WORDS
from isograd.report.known_sentences import translated

COMPLAINTS: tuple[Text, ...] = (*SCRIPTS, *OUTPUTS, *RECORDS, *WORDS, *TASKS)
"""Every sentence about bad input that the command line says; see `translated` for how a form fits."""


def complaint(sentence: str, language: Language) -> str:
    """One sentence about bad input, in that language; what Python or the system says within it stays as it is."""
    return translated(sentence, COMPLAINTS, language)
