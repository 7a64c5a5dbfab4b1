"""One fit of implicit's AlternatingLeastSquares; prints one JSON object. Started by test/bench/als.ts."""

import argparse
import json
import time

import numpy as np
from implicit.cpu._als import calculate_loss
from implicit.cpu.als import AlternatingLeastSquares

from peer_io import identity, peak_bytes, read_csr

parser = argparse.ArgumentParser()
parser.add_argument("matrix")
parser.add_argument("--factors", type=int, required=True)
parser.add_argument("--regularization", type=float, required=True)
parser.add_argument("--alpha", type=float, required=True)
parser.add_argument("--iterations", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--solver", choices=["cg", "exact"], default="cg")
parser.add_argument("--cg-steps", type=int, default=3)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--start", metavar="FILE", help="item factors to start from, row-major float32 (default: random)")
parser.add_argument("--best-score-of", type=int, metavar="ROW", help="also print this user's best score")
options = parser.parse_args()

runtime_bytes = peak_bytes()
user_items = read_csr(options.matrix)
model = AlternatingLeastSquares(
    factors=options.factors,
    regularization=options.regularization,
    # The matrix holds r; implicit multiplies by alpha itself (confidence = alpha * r).
    alpha=options.alpha,
    use_cg=options.solver == "cg",
    iterations=options.iterations,
    num_threads=options.threads,
    random_state=options.seed,
)
model.cg_steps = options.cg_steps
if options.start is not None:
    model.item_factors = np.fromfile(options.start, "<f4").reshape(-1, options.factors)

wall, cpu = time.perf_counter(), time.process_time()
model.fit(user_items, show_progress=False)
seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
peak = peak_bytes()

loss = calculate_loss(
    options.alpha * user_items, model.user_factors, model.item_factors, options.regularization, options.threads
)
report = {
    **identity(),
    "seconds": seconds,
    "cpuSeconds": cpu_seconds,
    "loss": loss,
    "peakBytes": None if peak is None else peak - runtime_bytes,
}
if options.best_score_of is not None:
    user = options.best_score_of
    _, scores = model.recommend(user, user_items[user], N=1)
    report["bestScore"] = float(scores[0])
print(json.dumps(report))
