"""The notebook's evaluation loop: fits implicit once, then makes hybrid lists for customers one by one."""

import argparse
import json
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from sklearn.metrics.pairwise import cosine_similarity

from peer_io import identity, peak_bytes, read_csr

FIRST = 10
CANDIDATES = 100

parser = argparse.ArgumentParser()
parser.add_argument("matrix", help="customers × products")
parser.add_argument("features", help="products × columns, row-major float32")
parser.add_argument("--columns", type=int, required=True)
parser.add_argument("--customers", type=int, required=True)
options = parser.parse_args()

user_items = read_csr(options.matrix)
features = np.fromfile(options.features, "<f4").reshape(-1, options.columns)

started, started_cpu = time.perf_counter(), time.process_time()
model = AlternatingLeastSquares(factors=50, regularization=0.1, iterations=20, random_state=1)
model.fit(user_items, show_progress=False)
fitted = time.perf_counter()


def recommend(user):
    """The first ten by 0.6 of the collaborative score and 0.4 of the greatest similarity to anything bought."""
    bought = user_items[user].indices
    scores = {}
    for product, score in zip(*model.recommend(user, user_items[user], N=CANDIDATES)):
        scores[product] = 0.6 * score
    similarities = {}
    for product in bought:
        similarity = cosine_similarity(features[product : product + 1], features)[0]
        for other in similarity.argsort()[::-1][1 : CANDIDATES + 1]:
            similarities[other] = max(similarities.get(other, 0), similarity[other])
    for product, similarity in similarities.items():
        if product not in bought:
            scores[product] = scores.get(product, 0) + 0.4 * similarity
    return sorted(scores, key=scores.get, reverse=True)[:FIRST]


several = np.flatnonzero(np.diff(user_items.indptr) > 1)
random = np.random.default_rng(1)
customers = random.choice(several, min(options.customers, len(several)), replace=False)
hits = 0
for customer in customers:
    held_out = random.choice(user_items[customer].indices)
    hits += held_out in recommend(customer)
ended, ended_cpu = time.perf_counter(), time.process_time()

print(
    json.dumps(
        {
            **identity(),
            "seconds": ended - started,
            "cpuSeconds": ended_cpu - started_cpu,
            "loopSeconds": ended - fitted,
            "customers": len(customers),
            "hits": int(hits),
            "peakBytes": peak_bytes(),
        }
    )
)
