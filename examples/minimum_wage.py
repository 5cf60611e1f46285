# %% [markdown]
# How the minimum wage went from one plan to the next. Run it cell by cell, or as a whole:
#
#     python examples/minimum_wage.py [config.yaml]

# %%
import sys

from search_app import open_search

plans = open_search(sys.argv[1] if len(sys.argv) > 1 else "config.yaml")
for document in plans.documents():
    print(document.document_id, document.year_roc, document.title_zh)

# %% Which clauses are about it? Every hit is one clause, with the citation that can be pasted.
found = plans.search("最低工資法制", kinds=["goal_clause"])
for hit in found.hits[:3]:
    print(f"{hit.rank}. {hit.clause.text}\n   {hit.citation.zh}")

# %% The same clause in the other year, and what became of its verb.
before, after = (hit.clause for hit in sorted(found.hits[:2], key=lambda hit: hit.document.year_ce))
comparison = plans.compare(before.document_id, after.document_id)
relation = next(one for one in comparison.relations if before in one.from_clauses)
print(f"{before.text} -> {after.text} ({relation.relation})")

# %% May it be quoted like this? Only what is exact.
for quote in (after.text, "完成最低工資法制。"):
    print(quote, plans.verify_quote(quote, years=[108]).status)

# %% What do the documents say, and what do they not say?
for question in ("8.7.1 職災死亡千人率達標了嗎？", "月球基地的預算是多少？"):
    answered = plans.ask(question)
    print(question, answered.answer.text if answered.answer else answered.reason.zh)

# %% Targets that were missed.
for row in plans.indicators(status="missed").rows:
    print(row.indicator.number, row.indicator.name, row.indicator.target_printed, row.indicator.actual_printed)

# %%
plans.close()
