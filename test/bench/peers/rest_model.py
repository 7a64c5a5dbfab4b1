"""Fits what the REST service serves and pickles it, as the notebook did. Started by test/bench/serve-rest.ts.

The notebook: ALS with 50 factors, λ = 0.1, 20 iterations by implicit, alpha left alone; six features a product,
standardised, the category label-encoded (the columns come from our preset `notebook`, proved equal to the notebook's in
test/model). Each product's nearest by content are found here once, for the kinder variant alone: the notebook searched
them anew for every request.
"""

import argparse
import json
import pickle

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from sklearn.neighbors import NearestNeighbors

from peer_io import identity, read_csr

NEIGHBOURS = 100

parser = argparse.ArgumentParser()
parser.add_argument("matrix", help="customers × products")
parser.add_argument("features", help="products × columns, row-major float32")
parser.add_argument("shop", help="JSON: ids, categories and segments")
parser.add_argument("pickle", help="where to write it all")
parser.add_argument("--columns", type=int, required=True)
options = parser.parse_args()

user_items = read_csr(options.matrix)
features = np.fromfile(options.features, "<f4").reshape(-1, options.columns)
model = AlternatingLeastSquares(factors=50, regularization=0.1, iterations=20, random_state=1)
model.fit(user_items, show_progress=False)

search = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, metric="cosine", algorithm="brute").fit(features)
distances, neighbours = search.kneighbors(features)

with open(options.shop) as file:
    shop = json.load(file)
with open(options.pickle, "wb") as file:
    pickle.dump(
        {
            "model": model,
            "user_items": user_items,
            "features": features,
            # The first is the product itself, or a twin of it: left out as the notebook left out its first.
            "neighbours": neighbours[:, 1:],
            "similarities": 1 - distances[:, 1:],
            **shop,
        },
        file,
    )
print(json.dumps(identity()))
