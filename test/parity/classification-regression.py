"""Writes classification-regression.jsonl: what scikit-learn says of generated labels and numbers.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python classification-regression.py > classification-regression.jsonl
"""

import json
import random

import numpy as np
from sklearn import metrics as m

random.seed(20)


def binary(n, labels, ties):
    target = [random.choice(labels) for _ in range(n)]
    scores = []
    for label in target:
        p = min(0.999, max(0.001, random.gauss(0.62 if label == labels[1] else 0.4, 0.25)))
        scores.append(round(p, 1 if ties else 6))
    predicted = [labels[1] if p >= 0.5 else labels[0] for p in scores]
    positive = labels[1]
    tn, fp, fn, tp = m.confusion_matrix(target, predicted, labels=labels).ravel()
    is_positive = [label == positive for label in target]
    expected = {
        "example_count": n,
        "true_negatives": int(tn), "false_positives": int(fp),
        "false_negatives": int(fn), "true_positives": int(tp),
        "accuracy_score": m.accuracy_score(target, predicted),
        "recall_score": m.recall_score(target, predicted, pos_label=positive),
        "precision_score": m.precision_score(target, predicted, pos_label=positive),
        "f1_score": m.f1_score(target, predicted, pos_label=positive),
        "log_loss": m.log_loss(is_positive, scores),
        "roc_auc": m.roc_auc_score(is_positive, scores),
        "precision_recall_auc": m.average_precision_score(is_positive, scores),
    }
    rows = [
        {"target": t, "outputs": {"label": p, "probability": s}}
        for t, p, s in zip(target, predicted, scores)
    ]
    return {"config": {}, "rows": rows, "expected": expected}


def multiclass(n, labels, average):
    target = [random.choice(labels) for _ in range(n)]
    rows, probabilities, predicted = [], [], []
    for label in target:
        weights = [random.random() + (0.8 if label == other else 0) for other in labels]
        shares = [round(w / sum(weights), 6) for w in weights]
        shares[-1] = round(1 - sum(shares[:-1]), 6)
        best = labels[shares.index(max(shares))]
        probabilities.append(shares)
        predicted.append(best)
        rows.append({"target": label, "outputs": {"label": best, "probabilities": dict(zip(labels, shares))}})
    expected = {
        "example_count": n,
        "accuracy_score": m.accuracy_score(target, predicted),
        "recall_score": m.recall_score(target, predicted, average=average, zero_division=0),
        "precision_score": m.precision_score(target, predicted, average=average, zero_division=0),
        "f1_score": m.f1_score(target, predicted, average=average, zero_division=0),
        "log_loss": m.log_loss(target, probabilities, labels=labels),
    }
    if average != "micro":
        expected["roc_auc"] = m.roc_auc_score(
            target, probabilities, labels=labels, multi_class="ovr", average=average
        )
    return {"config": {"average": average}, "rows": rows, "expected": expected,
            "confusion_matrix": m.confusion_matrix(target, predicted, labels=labels).tolist()}


def regression(targets, predictions):
    return {
        "rows": [{"target": t, "outputs": p} for t, p in zip(targets, predictions)],
        "expected": {
            "example_count": len(targets),
            "mean_absolute_error": m.mean_absolute_error(targets, predictions),
            "mean_squared_error": m.mean_squared_error(targets, predictions),
            "root_mean_squared_error": m.root_mean_squared_error(targets, predictions),
            "sum_on_target": float(np.sum(targets)),
            "mean_on_target": float(np.mean(targets)),
            "r2_score": m.r2_score(targets, predictions),
            "max_error": m.max_error(targets, predictions),
            "mean_absolute_percentage_error": m.mean_absolute_percentage_error(targets, predictions),
        },
    }


targets = [round(random.uniform(-50, 150), 3) for _ in range(40)]
print(json.dumps({"tools": "scikit-learn 1.9.1, numpy 2.4.6"}))
for case in [
    binary(60, [0, 1], False),
    binary(60, [0, 1], True),
    binary(30, ["ham", "spam"], True),
    multiclass(60, ["blue", "green", "red"], "weighted"),
    multiclass(60, ["blue", "green", "red"], "macro"),
    multiclass(40, ["a", "b", "c", "d"], "micro"),
]:
    print(json.dumps({"kind": "classification", **case}))
for case in [
    regression(targets, [round(t + random.gauss(0, 10), 3) for t in targets]),
    regression([1e9 + t for t in targets], [1e9 + t + 1 for t in targets]),
    regression([3.0, 3.0, 3.0], [3.0, 4.0, 3.0]),
    regression([3.0, 3.0], [3.0, 3.0]),
    regression([0.5, 2.0, -1.0], [0.0, 2.0, 1.0]),
]:
    print(json.dumps({"kind": "regression", **case}))
