"""The exact sums of the exports in this folder by project and service, from their own columns: writes exact-sums.json."""
import csv
import json
from decimal import Decimal, getcontext

getcontext().prec = 60
FIRST = lambda row, *columns: next((row[column] for column in columns if row[column]), "")
EXPORTS = {
    "aws-cur.csv": lambda r: (
        r["lineItem/UsageAccountId"],
        FIRST(r, "product/ProductName", "lineItem/ProductCode"),
        Decimal(r["lineItem/UnblendedCost"]),
    ),
    "aws-cur-2.csv": lambda r: (
        r["line_item_usage_account_id"],
        json.loads(r["product"]).get("product_name") or r["line_item_product_code"],
        Decimal(r["line_item_unblended_cost"]),
    ),
    "azure-ea.csv": lambda r: (r["SubscriptionId"], r["MeterCategory"], Decimal(r["CostInBillingCurrency"])),
    "azure-mca.csv": lambda r: (
        FIRST(r, "SubscriptionId", "invoiceSectionId"),
        r["meterCategory"],
        Decimal(r["costInBillingCurrency"]),
    ),
    "google-export.csv": lambda r: (
        FIRST(r, "project_id", "billing_account_id"),
        r["service_description"],
        Decimal(r["cost"])
        + sum(Decimal(c["amount"]) for c in json.loads(r["credits"] or "[]", parse_float=Decimal)),
    ),
    "oci.csv": lambda r: (r["product/compartmentId"], r["product/service"], Decimal(r["cost/myCost"])),
}
truth = {}
for name, read in EXPORTS.items():
    sums = {}
    with open(name, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            project, service, amount = read(row)
            key = f"{project} {service}"
            sums[key] = sums.get(key, Decimal(0)) + amount
    truth[name] = {key: format(sum.normalize(), "f") for key, sum in sorted(sums.items())}
with open("exact-sums.json", "w") as file:
    json.dump(truth, file, indent=2)
    file.write("\n")
