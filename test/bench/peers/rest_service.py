"""The REST service that the notebook grew into, with FastAPI. Started by test/bench/serve-rest.ts through uvicorn.

Rebuilt from its description: recommendations by customer (customer, segment, and of each product its category, hybrid,
collaborative and content score), the profile of a customer's segment, sample customers. A request is answered as the
notebook computes it: `model.recommend` and `cosine_similarity` of each product bought against all products, as many
candidates of each as products are asked for, hybrid = 0.6 · collaborative + 0.4 · content, 0 where a source did not
bring a product. Loaded once, as anybody would: the pickled model, the feature matrix, the ids.

SERVICE_VARIANT=precomputed is kinder than the notebook: each product's nearest by content are looked up in a table,
and requests are answered on the event loop, without the hop to a thread that FastAPI makes for plain functions.
"""

import os
import pickle

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sklearn.metrics.pairwise import cosine_similarity

with open(os.environ["SERVICE_PICKLE"], "rb") as file:
    state = pickle.load(file)
model, user_items, features = state["model"], state["user_items"], state["features"]
model.num_threads = 1  # for one customer at a time, several threads are slower
customers, products, categories = state["customers"], state["products"], state["categories"]
segments, profiles = state["segments"], state["profiles"]
rows = {customer: row for row, customer in enumerate(customers)}


class Recommendation(BaseModel):
    product_id: str
    category: str | None
    hybrid_score: float
    cf_score: float
    content_score: float


class Recommendations(BaseModel):
    customer_id: str
    segment: str | None
    recommendations: list[Recommendation]


class SegmentProfile(BaseModel):
    customer_id: str
    segment: str
    customers: int
    means: dict[str, float | None]


def row_of(customer_id: str) -> int:
    if customer_id not in rows:
        raise HTTPException(404, f"there is no customer {customer_id}")
    return rows[customer_id]


def compared(product: int, n: int):
    """As the notebook: the product against all others, all of them sorted."""
    similarity = cosine_similarity(features[product : product + 1], features)[0]
    nearest = similarity.argsort()[::-1][1 : n + 1]
    return zip(nearest, similarity[nearest])


def looked_up(product: int, n: int):
    return zip(state["neighbours"][product, :n].tolist(), state["similarities"][product, :n].tolist())


def recommend(customer_id: str, n: int, similar) -> Recommendations:
    user = row_of(customer_id)
    bought = set(user_items[user].indices.tolist())
    ids, scores = model.recommend(user, user_items[user], N=n)
    collaborative = dict(zip(ids.tolist(), scores.tolist()))
    content = {}
    for product in bought:
        for other, similarity in similar(product, n):
            if other not in bought:
                content[other] = max(content.get(other, 0.0), similarity)
    candidates = [
        Recommendation(
            product_id=products[product],
            category=categories[product],
            hybrid_score=0.6 * collaborative.get(product, 0.0) + 0.4 * content.get(product, 0.0),
            cf_score=collaborative.get(product, 0.0),
            content_score=content.get(product, 0.0),
        )
        for product in collaborative.keys() | content.keys()
    ]
    candidates.sort(key=lambda candidate: candidate.hybrid_score, reverse=True)
    return Recommendations(customer_id=customer_id, segment=segments[user], recommendations=candidates[:n])


app = FastAPI()

if os.environ.get("SERVICE_VARIANT") == "precomputed":

    @app.get("/recommendations/{customer_id}")
    async def recommendations(customer_id: str, n: int = 10) -> Recommendations:
        return recommend(customer_id, n, looked_up)

else:

    @app.get("/recommendations/{customer_id}")
    def recommendations(customer_id: str, n: int = 10) -> Recommendations:
        return recommend(customer_id, n, compared)


@app.get("/customers/{customer_id}/segment")
def segment_profile(customer_id: str) -> SegmentProfile:
    segment = segments[row_of(customer_id)]
    if segment is None:
        raise HTTPException(404, f"customer {customer_id} is in no segment")
    return SegmentProfile(customer_id=customer_id, segment=segment, **profiles[segment])


@app.get("/customers")
def sample_customers(n: int = 10) -> list[str]:
    return customers[:n]
