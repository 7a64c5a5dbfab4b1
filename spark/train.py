"""
What `rationale train --engine spark` runs on Spark: from purchases in Parquet the factors of products by MLlib's ALS, the
partners of each product, its sales by day and its counts. It is started by src/spark/submit.ts, which checks the results.

Data frames alone are used, so that the executors need no Python. Products are numbered by whoever starts the job.
Customers are numbered here unless their ids are integers: MLlib's are of 32 bits.

Hu, Koren & Volinsky 2008, doi:10.1109/ICDM.2008.22, with lambda by entries (org.apache.spark.ml.recommendation.ALS).
"""

import argparse
import json
import math
import os
import sys
import threading
import time

from pyspark.ml.recommendation import ALS
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

MOST = 2**31 - 1
# Rows that a task holds at once: of the interactions, and of the ratings in a block of ALS.
ROWS = 2_000_000
INTEGERS = (T.ByteType, T.ShortType, T.IntegerType, T.LongType)
TIMES = (T.TimestampType, T.TimestampNTZType)


# r of what a customer bought of a product, as src/data/confidence.ts has it: SQL of the units and of the number of orders.
OBSERVED = {
    "quantity": "units",
    "orders": "orders",
    "log-quantity": "log1p(units) / ln(2)",
    "binary": "1",
}


class Refusal(Exception):
    """Data that the job does not take; the message says why, and what to do."""


def say(**line) -> None:
    """A line for whoever started the job."""
    print("rationale " + json.dumps(line), flush=True)


def main() -> None:
    args = arguments()
    end_with(args.parent)
    spark = SparkSession.builder.getOrCreate()
    try:
        run(spark, args)
    except Refusal as refusal:
        say(refused=str(refusal))
        sys.exit(1)
    finally:
        spark.stop()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", required=True, help="Parquet: the columns of interactions.csv")
    parser.add_argument("--products", required=True, help="Parquet: product_id, number")
    parser.add_argument("--partly", help="Parquet: customer_id, product, rating; all that a first fit may know of these customers")
    parser.add_argument("--out", required=True, help="folder for the results, and for checkpoints")
    parser.add_argument("--parent", type=int, required=True, help="the process that the job ends with")
    parser.add_argument("--observation", choices=list(OBSERVED), required=True)
    parser.add_argument("--factors", type=int, required=True)
    parser.add_argument("--iterations", type=int, required=True)
    parser.add_argument("--regularization", type=float, required=True)
    parser.add_argument("--alpha", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--partners", type=int, required=True, help="how many a product has at most")
    parser.add_argument("--shared", type=int, required=True, help="partners of so many customers come first")
    parser.add_argument("--read", type=int, required=True, help="how many products of a customer make partners")
    parser.add_argument("--checked", type=int, required=True, help="how many customers' factors are given out")
    return parser.parse_args()


def end_with(parent: int) -> None:
    """Ends this process, and with it the driver, when the one that started the job is gone, however it ended."""

    def watch() -> None:
        while True:
            time.sleep(1)
            try:
                os.kill(parent, 0)
            except ProcessLookupError:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run(spark: SparkSession, args: argparse.Namespace) -> None:
    spark.sparkContext.setCheckpointDir(f"{args.out}/checkpoints")
    say(step="reading")
    rows = checked(spark.read.parquet(args.interactions))
    blocks = max(spark.sparkContext.defaultParallelism, math.ceil(rows.count() / ROWS))
    # The usual 200 cost a small shop more than all the rest.
    spark.conf.set("spark.sql.shuffle.partitions", blocks)
    customers = numbered(rows).persist()
    products = spark.read.parquet(args.products)
    # An order's lines of a product are one sale.
    contents = (
        rows.select(
            F.col("customer_id").cast("string").alias("customer_id"),
            F.col("product_id").cast("string").alias("product_id"),
            order(rows).alias("order"),
            milliseconds(rows).alias("at"),
            units(rows).alias("units"),
        )
        .join(customers, "customer_id")
        .join(F.broadcast(products), "product_id")
        .groupBy("customer", "order", F.col("number").alias("product"))
        .agg(F.sum("units").alias("units"), F.min("at").alias("at"), F.count("*").alias("lines"))
        .persist()
    )
    histories = (
        contents.groupBy("customer", "product")
        .agg(F.sum("units").alias("units"), F.count("*").alias("orders"), F.max("at").alias("last"))
        .persist()
    )
    ratings = histories.select("customer", "product", F.expr(OBSERVED[args.observation]).cast("float").alias("rating"))
    totals = contents.agg(F.sum("lines"), F.count_distinct("order"), F.count_distinct("customer")).first()
    purchases = histories.count()

    if args.partly:
        partly = spark.read.parquet(args.partly).join(customers, "customer_id").select(ratings.columns)
        others = ratings.join(partly.select("customer").distinct(), "customer", "left_anti")
        fit(others.unionByName(partly), args, "first", blocks, customers)
    fit(ratings, args, "whole", blocks, customers)

    say(step="partners")
    latest = latest_of(histories, args.read).persist()
    write(partners_of(latest, args), args, "partners")
    say(step="sales")
    day = F.floor(F.col("at") / F.lit(86_400_000)).cast("int").alias("day")
    write(contents.groupBy("product", day).agg(F.count("*").alias("orders"), F.sum("units").alias("units")), args, "sales")
    counts = contents.groupBy("product").agg(F.count("*").alias("orders"), F.sum("units").alias("units"))
    buyers = histories.groupBy("product").agg(F.count("*").alias("buyers"))
    counted = latest.groupBy("product").agg(F.count("*").alias("counted"))
    write(counts.join(buyers, "product").join(counted, "product", "left"), args, "counts")
    say(
        done={
            "spark": spark.version,
            "interactions": totals[0],
            "orders": totals[1],
            "customers": totals[2],
            "purchases": purchases,
        }
    )


def checked(rows: DataFrame) -> DataFrame:
    """Refuses what would be counted in another way than Rationale counts it."""
    types = {field.name: field.dataType for field in rows.schema.fields}
    for name in ("customer_id", "product_id"):
        if name not in types:
            raise Refusal(f"the interactions have no column {name}: they have {', '.join(types)}")
    if "order_status" in types:
        raise Refusal("the interactions have a column order_status: write those that are purchases, as `rationale export` does")
    if "timestamp" in types and not isinstance(types["timestamp"], TIMES):
        raise Refusal(f"the column timestamp is of the type {types['timestamp'].simpleString()}: write it as a timestamp, as `rationale export` does")
    if "quantity" in types and rows.where(F.col("quantity") <= 0).limit(1).count() > 0:
        raise Refusal("some rows have a quantity below 0, which are returns: write what was kept, as `rationale export` does")
    return rows


def numbered(rows: DataFrame) -> DataFrame:
    """customer_id as text, and customer: its number for MLlib."""
    ids = rows.select("customer_id").distinct()
    if isinstance(rows.schema["customer_id"].dataType, INTEGERS):
        largest = ids.agg(F.max(F.abs("customer_id"))).first()[0]
        if largest is not None and largest > MOST:
            raise Refusal(
                f"the customer {largest} is beyond {MOST}, the largest number that Spark's ALS takes: "
                "write the ids of customers as text, then they are numbered"
            )
        return ids.select(F.col("customer_id").cast("string"), F.col("customer_id").cast("int").alias("customer"))
    # In sorted partitions: the number within a partition, after those of the partitions before it.
    placed = ids.sort("customer_id").withColumn("part", F.spark_partition_id()).persist()
    sizes = {row["part"]: row["count"] for row in placed.groupBy("part").count().collect()}
    if sum(sizes.values()) > MOST:
        raise Refusal(f"there are {sum(sizes.values())} customers, and Spark's ALS takes {MOST} at most")
    before, total = {}, 0
    for part in sorted(sizes):
        before[part] = total
        total += sizes[part]
    if not before:
        raise Refusal("there are no interactions: there is nothing to train on")
    starts = F.create_map(*[F.lit(number) for pair in before.items() for number in pair])
    within = F.row_number().over(Window.partitionBy("part").orderBy("customer_id")) - 1
    return placed.select("customer_id", (starts[F.col("part")] + within).cast("int").alias("customer"))


def milliseconds(rows: DataFrame):
    """Since 1970, UTC; null unknown."""
    if "timestamp" not in rows.columns:
        return F.lit(None).cast("long")
    return F.unix_millis(F.col("timestamp").cast("timestamp"))


def order(rows: DataFrame):
    """What tells orders: their id; or else what one customer bought at one time; or each row."""
    if "order_id" in rows.columns:
        return F.col("order_id").cast("string")
    row = F.concat(F.lit("row "), F.monotonically_increasing_id().cast("string"))
    return F.coalesce(F.concat(F.col("customer_id").cast("string"), F.lit(" at "), milliseconds(rows).cast("string")), row)


def units(rows: DataFrame):
    if "quantity" not in rows.columns:
        return F.lit(1.0)
    return F.coalesce(F.col("quantity").cast("double"), F.lit(1.0))


def fit(ratings: DataFrame, args: argparse.Namespace, name: str, blocks: int, customers: DataFrame) -> None:
    """Writes the factors of the products, and those of some customers to check them by."""
    context = ratings.sparkSession.sparkContext
    context.setJobGroup(name, f"ALS, {name}")
    ended = threading.Event()
    threading.Thread(target=progress, args=(context, name, args.iterations, ended), daemon=True).start()
    model = ALS(
        rank=args.factors,
        maxIter=args.iterations,
        regParam=args.regularization,
        alpha=args.alpha,
        implicitPrefs=True,
        seed=args.seed,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        userCol="customer",
        itemCol="product",
        ratingCol="rating",
        checkpointInterval=10,
    ).fit(ratings)
    write(model.itemFactors.select(F.col("id").alias("product"), "features"), args, f"{name}-factors")
    some = ratings.select("customer").distinct().sort("customer").limit(args.checked)
    tastes = model.userFactors.withColumnRenamed("id", "customer").join(F.broadcast(some), "customer")
    write(tastes.join(customers, "customer").select("customer_id", "features"), args, f"{name}-tastes")
    ended.set()
    context.setJobGroup("rest", "")


def progress(context, name: str, iterations: int, ended: threading.Event) -> None:
    """Each half of an iteration sums up the other side's factors, which is a job of its own."""
    tracker = context.statusTracker()
    said = -1
    while not ended.wait(0.5):
        done = min(iterations, len(tracker.getJobIdsForGroup(name)) // 2)
        if done != said:
            say(step=name, done=done, of=iterations)
        said = done


def latest_of(histories: DataFrame, most: int) -> DataFrame:
    """Of each customer the latest products: those of unknown time last, ties to the lower number."""
    place = F.row_number().over(Window.partitionBy("customer").orderBy(F.desc_nulls_last("last"), "product"))
    return histories.withColumn("place", place).where(F.col("place") <= most).select("customer", "product")


def partners_of(latest: DataFrame, args: argparse.Namespace) -> DataFrame:
    """
    Of each product those that most of its customers bought too, by the cosine n_ij / sqrt(n_i n_j); first those of several
    customers, ties to the lower number.
    """
    sizes = latest.groupBy("product").agg(F.count("*").alias("size"))
    other = latest.select("customer", F.col("product").alias("partner"))
    pairs = latest.join(other, "customer").where(F.col("product") != F.col("partner"))
    scored = (
        pairs.groupBy("product", "partner")
        .agg(F.count("*").alias("together"))
        .join(F.broadcast(sizes), "product")
        .join(F.broadcast(sizes.select(F.col("product").alias("partner"), F.col("size").alias("other"))), "partner")
        .withColumn("cosine", F.col("together") / F.sqrt(F.col("size").cast("double") * F.col("other").cast("double")))
    )
    first = (F.col("together") >= args.shared).cast("int")
    best = Window.partitionBy("product").orderBy(first.desc(), F.desc("cosine"), "partner")
    place = F.row_number().over(best)
    return scored.withColumn("place", place).where(F.col("place") <= args.partners).select("product", "place", "partner", "together")


def write(frame: DataFrame, args: argparse.Namespace, name: str) -> None:
    frame.write.mode("overwrite").parquet(f"{args.out}/{name}.parquet")


if __name__ == "__main__":
    main()
