"""Top 10 by implicit's recommend, in one batch and in single calls; prints one JSON object. Started by
test/bench/topk.ts."""

import argparse
import json
import statistics
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares

from peer_io import identity, read_csr

parser = argparse.ArgumentParser()
parser.add_argument("queries", help="row-major float32 user factors")
parser.add_argument("items", help="row-major float32 item factors")
parser.add_argument("seen", help="the users' seen items, as a matrix file")
parser.add_argument("--factors", type=int, required=True)
parser.add_argument("--k", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
options = parser.parse_args()

model = AlternatingLeastSquares(factors=options.factors, num_threads=options.threads)
model.user_factors = np.fromfile(options.queries, "<f4").reshape(-1, options.factors)
model.item_factors = np.fromfile(options.items, "<f4").reshape(-1, options.factors)
seen = read_csr(options.seen)
users = np.arange(seen.shape[0])
rows = [seen[user] for user in users]


def batch():
    return model.recommend(users, seen, N=options.k, filter_already_liked_items=True)


def single(user):
    return model.recommend(user, rows[user], N=options.k, filter_already_liked_items=True)


def time_each(run, arguments):
    """Seconds of each call."""
    seconds = []
    for argument in arguments:
        started = time.perf_counter()
        run(*argument)
        seconds.append(time.perf_counter() - started)
    return seconds


_, scores = batch()
wall, cpu = time.perf_counter(), time.process_time()
batches = time_each(batch, [()] * options.rounds)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
singles = time_each(single, [(user,) for user in users])
print(
    json.dumps(
        {
            **identity(),
            "seconds": wall,
            "cpuSeconds": cpu,
            "batchSeconds": statistics.median(batches),
            "singleSeconds": statistics.median(singles),
            "scoreSum": float(scores.sum(dtype=np.float64)),
        }
    )
)
