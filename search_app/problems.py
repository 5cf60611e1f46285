"""What is wrong with a query, in Chinese: the messages of QueryError and of the query language, which are English."""

from __future__ import annotations

import re

# (the English message, its Chinese): {1} is what the first bracket caught. Each line matches a message that is raised;
# a test finds all of them in the sources.
_CHINESE = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        # the query language
        (r"more than (\d+) brackets within each other", "括號超過 {1} 層"),
        (r"a closing bracket stands alone", "右括號沒有對應的左括號"),
        (r"an opening bracket is not closed", "左括號沒有對應的右括號"),
        (r"(AND|OR|NOT) has nothing on its right", "{1} 的右邊沒有文字"),
        (r"(\w+) has nothing on its left", "{1} 的左邊沒有文字"),
        (r"(AND|OR) joins words and phrases, not fields", "{1} 只能連接字詞，不能連接欄位"),
        (r"an operator stands beside a field", "欄位旁不能使用 AND、OR 或 NOT"),
        (r"an operator stands before a closing bracket", "右括號前少了要搜尋的字詞"),
        (r"more than (\d+) words", "超過 {1} 個詞"),
        (r"a phrase of more than (\d+) characters", "引號內超過 {1} 個字元"),
        (r"more than (\d+) wildcards in one word", "一個詞裡超過 {1} 個萬用字元"),
        (r"a wildcard stands beside no word", "萬用字元旁沒有文字"),
        (r"nothing contains all that was asked for word for word; ranked by the words instead",
         "沒有條款逐字包含全部條件，改依字詞排序"),
        # values in an address or a field
        (r"unknown year (.+)\. Give a plan year such as 106 or 2017\.", "沒有 {1} 這個年度。請輸入計畫年度，例如 106 或 2017。"),
        (r"unknown parameter (.+)\. Known: (.+)\.", "不認得參數 {1}。可用的有：{2}。"),
        (r"unknown parameter (.+)\. This address takes no parameters\.", "不認得參數 {1}。這個網址不接受參數。"),
        (r"unknown (\w+) (.+)\. Known: (.+)\.", "{1} 不能是 {2}。可用的有：{3}。"),
        (r"(\w+) names no document: (.+)\. Known: (.+)\.", "{1} 指定的文件 {2} 不存在。收錄的有：{3}。"),
        (r"no document (.+)\. Known: (.+)\.", "沒有 {1} 這份文件。收錄的有：{2}。"),
        (r"(\d+) values of (\w+)\. Give (\d+) at the most\.", "{2} 給了 {1} 個值，最多 {3} 個。"),
        (r"(\w+) is given (\d+) times\. Give it once\.", "{1} 給了 {2} 次，請只給一次。"),
        (r"(\w+) is (.+)\. Give it in UTF-8\.", "{1} 的值 {2} 不是 UTF-8 文字。"),
        (r"(\w+) is (.+)\. Give a whole number from 1 to (\d+)\.", "{1} 的值 {2} 無效，請輸入 1 到 {3} 的整數。"),
        (r"page (.+) does not exist\. Pages count from 1\.", "沒有第 {1} 頁，頁碼從 1 開始。"),
        (r"(.+) hits on a page are not possible\. Ask for 1 to (\d+)\.", "一頁不能有 {1} 筆，請輸入 1 到 {2}。"),
        (r"the query has (\d+) characters, at most (\d+) are allowed\. Shorten it\.", "查詢有 {1} 個字元，最多 {2} 個，請縮短。"),
        (r"the quotation has (\d+) characters, at most (\d+) are allowed\. Shorten it\.", "引文有 {1} 個字元，最多 {2} 個，請縮短。"),
        (r"the search takes too long\. Use longer words, fewer wildcards, or a filter\.",
         "這個查詢太費時。請改用較長的詞、減少萬用字元，或加上篩選條件。"),
        (r"(\w+) is missing\. .+", "缺少參數 {1}。"),
    )
)  # fmt: skip


def in_chinese(problem: str) -> str:
    """A message in Chinese; "" for one that is not known here, which then stays as it is."""
    for pattern, chinese in _CHINESE:
        found = pattern.fullmatch(problem)
        if found:
            return chinese.format(problem, *found.groups())
    return ""
