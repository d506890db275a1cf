"""Writes corpus-text.json: what sacrebleu and rouge_score say of the texts below.

    pip install sacrebleu==2.6.0 rouge_score==0.1.2
    python corpus-text.py > corpus-text.json
"""

import json
import sys

from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF

PAIRS = [
    ("The cat sat on the mat.", "The cat is sitting on the mat."),
    ("It costs 3.5 dollars, not 4.", "It costs $3.50, not $4."),
    ("Der Zug fährt um acht Uhr ab.", "Der Zug fährt gegen acht Uhr ab."),
    ("東京は日本の首都です。", "東京は日本の首都であり、最大の都市です。"),
    ("Привет, мир!", "Здравствуй, мир!"),
    ("", "nothing was said"),
    ("one two three four five six seven", "one two three four five six seven"),
]


def words(text):
    """Each character that is not white space as a token, for scripts without spaces."""
    return [c for c in text if not c.isspace()]


class Characters:
    def tokenize(self, text):
        return words(text)


hypotheses = [p for p, _ in PAIRS]
references = [[r for _, r in PAIRS]]
scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Characters())
json.dump({
    "tools": "sacrebleu 2.6.0, rouge_score 0.1.2",
    "pairs": PAIRS,
    "corpus_bleu": BLEU().corpus_score(hypotheses, references).score,
    "corpus_bleu_char": BLEU(tokenize="char").corpus_score(hypotheses, references).score,
    "corpus_bleu_intl_lowercase": BLEU(tokenize="intl", lowercase=True).corpus_score(hypotheses, references).score,
    "corpus_chrf": CHRF().corpus_score(hypotheses, references).score,
    "corpus_chrf_plus_plus": CHRF(word_order=2).corpus_score(hypotheses, references).score,
    "rouge_by_character": {
        "prediction": "東京は日本の首都です", "target": "日本の首都は東京です",
        **{k: v.fmeasure for k, v in scorer.score("日本の首都は東京です", "東京は日本の首都です").items()},
    },
}, sys.stdout, indent=1)
print()
