"""What people ask and models answer in the demo: questions, answers, documents, tool arguments."""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """A conversation's subject: the system prompt, and turns of question and answer in order."""

    system: str
    turns: tuple[tuple[str, str], ...]


CHATS = (
    Topic(
        "You are the support assistant of Northwind Bikes. Be brief, friendly and exact; "
        "quote order numbers; never promise a refund that the policy does not allow.",
        (
            (
                "hi! my order NB-48213 says delivered but nothing is here 😕",
                "I'm sorry about that! The carrier scanned NB-48213 as delivered yesterday at "
                "16:42, at the side entrance. Could you check there and with your neighbours? If "
                "it hasn't turned up by tomorrow noon, I'll open a trace with the carrier.",
            ),
            (
                "not at the side entrance, and my neighbour has nothing either",
                "Thank you for looking. I have opened a trace (reference TR-9917). Carriers answer "
                "within two working days; if they confirm the loss we send a replacement the same "
                "day, free of charge. Would you rather have the same colour again?",
            ),
            (
                "same colour please. can I change the tyres to 40 mm while we are at it?",
                "Yes: the Fjord frame takes up to 42 mm. The 40 mm gravel tyres cost €18 more than "
                "the ones you ordered; I've put a note on the replacement, and you only pay if it "
                "ships.",
            ),
            (
                "perfect, thanks 🙏",
                "You're welcome! You'll get an e-mail as soon as the carrier answers. Ride safely.",
            ),
        ),
    ),
    Topic(
        "You are a senior Python engineer who reviews code. Answer with short explanations and "
        "runnable snippets.",
        (
            (
                "Why does this print [1, 1, 1]?\n\ndef add(x, acc=[]):\n    acc.append(x)\n"
                "    return acc",
                "Default values are evaluated once, when the function is defined, so every call "
                "shares the same list. Use None as the default and make the list inside:\n\n"
                "def add(x, acc=None):\n    acc = [] if acc is None else acc\n    acc.append(x)\n"
                "    return acc",
            ),
            (
                "makes sense. is the same true for `field(default=[])` in dataclasses?",
                "dataclasses notice that mistake: a list, dict or set as a default raises "
                "ValueError. Write field(default_factory=list) and each instance gets its own.",
            ),
            (
                "and how would I test that two instances do not share it?",
                "Make two, change one, look at the other:\n\ndef test_instances_share_nothing():\n"
                "    first, second = Basket(), Basket()\n    first.items.append('apple')\n"
                "    assert second.items == []",
            ),
            (
                "can you make it a hypothesis test?",
                "Let hypothesis choose what goes in:\n\n@given(st.lists(st.text()))\n"
                "def test_instances_share_nothing(items):\n    first, second = Basket(), Basket()\n"
                "    first.items.extend(items)\n    assert second.items == []\n\nIt will also try "
                "the empty list, which is where such bugs like to hide.",
            ),
            (
                "nice. mypy complains: Need type annotation for 'items'",
                "Say what the list holds: items: list[str] = field(default_factory=list). The "
                "factory alone tells mypy that it is a list, but not of what.",
            ),
        ),
    ),
    Topic(
        "あなたは旅行代理店のアシスタントです。丁寧に、簡潔に答えてください。",
        (
            (
                "京都で紅葉を見るなら、いつ頃がいいですか？",
                "例年の見頃は11月中旬から12月上旬です。嵐山と東福寺は特に人気が高いので、"
                "平日の早朝をおすすめします。🍁",
            ),
            (
                "東京から日帰りできますか？",
                "はい、新幹線で片道約2時間15分です。朝6時台に出発すれば、"
                "二か所をゆっくり回って、夜9時頃に戻れます。",
            ),
            (
                "予算は一人3万円くらいです",
                "往復の新幹線が約2万8千円ですので、少し超えてしまいます。"
                "早割のきっぷなら2万1千円ほどで、昼食代も含めて収まります。",
            ),
        ),
    ),
    Topic(
        "You help people cook with what they have. Metric units. Ask about allergies once.",
        (
            (
                "I have leeks, two potatoes, cream and half a lemon. Dinner for 2?",
                "Leek and potato soup! Any allergies I should know of? Sweat two sliced leeks in "
                "butter for 8 minutes, add the diced potatoes and 700 ml stock, simmer 20 minutes, "
                "blend, then stir in 60 ml cream and a little lemon zest.",
            ),
            (
                "no allergies. no blender either…",
                "Then make it rustic: cut everything small, crush a third of it against the side "
                "of the pot with a wooden spoon, and let the cream do the rest. It thickens by "
                "itself after five minutes off the heat.",
            ),
            (
                "what could I do with the green parts of the leek?",
                "Slice them very thin, fry them in hot oil until they just turn brown and salt "
                "them: crisp topping for the soup. What is left goes into the next stock.",
            ),
        ),
    ),
    Topic(
        "Du bist der Assistent eines Stadtwerks. Antworte knapp und verweise auf die Tarife 2025.",
        (
            (
                "Lohnt sich für mich ein dynamischer Stromtarif? Verbrauch 3.200 kWh",
                "Nur, wenn Sie Verbrauch verschieben können. Mit einer Wärmepumpe oder einem "
                "E-Auto sparen Haushalte wie Ihrer etwa 90 bis 180 € im Jahr; ohne liegt der "
                "Unterschied meist unter 30 €.",
            ),
            (
                "Ein E-Auto kommt im März 🚗",
                "Dann spricht einiges dafür: Laden zwischen 1 und 5 Uhr kostet im Mittel 11 ct/kWh "
                "weniger. Voraussetzung ist ein Smart Meter; den Einbau können Sie online "
                "beantragen, er dauert derzeit rund sechs Wochen.",
            ),
        ),
    ),
    Topic(
        "You are an analyst for a chain of bakeries. Explain figures so that a shop manager can "
        "act on them.",
        (
            (
                "Why did margins fall in week 32?",
                "Two thirds of the drop is butter: the price rose by 14 % and the croissant stayed "
                "at 1.60. The rest is waste on Tuesday and Wednesday, when the heat kept people "
                "away and the plan was not changed.",
            ),
            (
                "what if we bake 15% less on days above 30 degrees?",
                "On last summer's figures you'd lose about 2.1 % of sales on those days and save "
                "9.4 % of the flour and butter: roughly 310 a week for your five shops. I would "
                "start with the two shops at the station, where waste is highest.",
            ),
            (
                "show me that as a table",
                "| shop | waste now | at -15 % |\n| --- | --- | --- |\n| Station N | 11.8 % | "
                "6.9 % |\n| Station S | 10.2 % | 6.1 % |\n| Market | 6.4 % | 4.8 % |",
            ),
        ),
    ),
)

QUESTIONS = (
    "How many days of parental leave can I carry over into next year?",
    "What is the rollback procedure for the payments service?",
    "Which regions store customer data outside the EU?",
    "Is the VPN required to reach the staging cluster from the office?",
    "¿Cuál es el plazo para presentar los gastos de viaje?",
    "What changed in the retention policy between v3 and v4?",
    "Do contractors get access to the design system?",
    "Who approves a purchase above 25 000 €?",
    "数据保留期限是多久？",
    "How do I rotate the signing keys without downtime?",
)
ANSWERS = (
    "According to the handbook (section 4.2), up to ten days carry over and lapse on 31 March. "
    "HR can extend that once, in writing.",
    "Stop the rollout with `deploy pause payments`, then `deploy rollback payments --to previous`. "
    "Migrations are backward compatible for one release, so the database stays as it is [1][3].",
    "Backups of the analytics warehouse are kept in us-east-1; everything else stays in Frankfurt "
    "and Dublin [2]. The exception is listed in the processing register.",
    "The documents do not answer this directly. The closest passage says that office networks are "
    "trusted for staging, yet production always needs the VPN [1].",
    "El plazo es de 30 días después del viaje [2]; pasado ese plazo hace falta la firma de la "
    "dirección.",
    "Version 4 shortens logs from 400 to 90 days, adds a legal hold, and names an owner for each "
    "data set [1][2][4]. Nothing changed for invoices: ten years, as before.",
    "根据文件[1]，日志保留90天，发票保留十年。",
)
PASSAGES = (
    "Unused days may be carried over with the consent of the line manager; they lapse at the end "
    "of the first quarter. Days granted for hardship are exempt.",
    "The service keeps two releases warm. A rollback switches traffic within 40 seconds and leaves "
    "the schema untouched; see the runbook for the checks that follow.",
    "Personal data is processed in eu-central-1 and eu-west-1. Copies of aggregated data may be "
    "kept elsewhere if no natural person can be identified.",
    "Expenses are handed in within thirty days, with receipts. Amounts above the limit need a "
    "second signature.",
    "Keys are rotated every ninety days. During a rotation both keys verify and only the new one "
    "signs; the old one is withdrawn after twenty-four hours.",
    "Contractors receive read access to the component library through the partner group; write "
    "access is granted per project.",
)
COLLECTIONS = ("handbook", "runbooks", "policies", "product-docs")


class Job(NamedTuple):
    """What an agent is asked for, and what its tools are called with, one a step."""

    task: str
    agent: str
    tools: tuple[tuple[str, str, str], ...]
    """Tool, arguments and result."""
    helper: str
    helper_task: str
    result: str


JOBS = (
    Job(
        "Find out why the checkout page became slower since Monday and propose a fix.",
        "incident-investigator",
        (
            (
                "query_metrics",
                '{"metric": "http.server.duration", "route": "/checkout", "range": "7d"}',
                "p95 410 ms until Mon 09:12, 1 290 ms after",
            ),
            (
                "git_log",
                '{"repo": "shop", "since": "2 days ago", "path": "checkout/"}',
                "a41c9e2 Load recommendations before rendering\n77be013 Bump the tax client",
            ),
            (
                "read_file",
                '{"path": "checkout/views.py", "from": 118, "to": 164}',
                "recommendations = await client.fetch(user)  # one request per item",
            ),
            (
                "run_query",
                '{"sql": "select count(*) from spans where name = \'recommend.fetch\'"}',
                "184 220",
            ),
        ),
        "code-reviewer",
        "Review the diff of a41c9e2 for sequential awaits.",
        "Since a41c9e2 each basket item fetches its recommendations one after another (11 on "
        "average). Fetching them in one batch brings p95 back to about 430 ms; the patch is in "
        "branch fix/batch-recommendations.",
    ),
    Job(
        "Plan a two-day team offsite in Porto for 14 people, vegetarian friendly, under 6 000 €.",
        "trip-planner",
        (
            (
                "search_flights",
                '{"from": "BER", "to": "OPO", "date": "2025-09-18", "people": 14}',
                "from 118 € each, direct, 06:55",
            ),
            (
                "search_hotels",
                '{"city": "Porto", "rooms": 14, "max_price": 110}',
                "Ribeira House 96 €, Casa do Conto 108 €",
            ),
            ("get_weather", '{"city": "Porto", "month": 9}', "☀️ 24 °C, rain on 4 of 30 days"),
            (
                "search_restaurants",
                '{"city": "Porto", "diet": "vegetarian", "group": 14}',
                "daTerra, Época, Black Mamba",
            ),
        ),
        "budget-checker",
        "Check whether the plan fits 6 000 € including transfers.",
        "Fly on the 18th (1 652 €), stay at Ribeira House (2 688 €), eat at daTerra and Época; "
        "with transfers and the river tour it comes to 5 740 €.",
    ),
    Job(
        "Compare the three contracts in the folder and list clauses that differ in liability.",
        "contract-analyst",
        (
            ("list_files", '{"folder": "contracts/2025"}', "msa_acme.pdf, msa_globex.pdf, dpa.pdf"),
            (
                "read_document",
                '{"file": "msa_acme.pdf", "pages": "4-7"}',
                "Liability is limited to the fees paid in the last twelve months…",
            ),
            (
                "read_document",
                '{"file": "msa_globex.pdf", "pages": "5-9"}',
                "…to twice the annual fees, except for breaches of confidentiality",
            ),
        ),
        "legal-summarizer",
        "Summarise clause 9 of each contract in two sentences.",
        "ACME limits liability to twelve months of fees, Globex to twice the annual fees with "
        "confidentiality uncapped, and the DPA refers back to whichever master agreement applies.",
    ),
    Job(
        "整理本周的用户反馈，找出最常见的三个问题。",
        "feedback-triage",
        (
            ("fetch_tickets", '{"week": 34, "channel": "all"}', "412 tickets"),
            ("cluster_texts", '{"count": 412, "clusters": 12}', "12 clusters, largest 96"),
            ("fetch_reviews", '{"store": "app", "stars": [1, 2]}', "57 reviews"),
        ),
        "translator",
        "Translate the twenty most typical tickets into English.",
        "前三个问题：登录后页面空白（96）、发票下载失败（61）、通知重复（44）。",
    ),
)
PLANS = (
    "I'll look at the figures first, then at what changed, and verify before I answer.",
    "Let me gather what is known in parallel and compare.",
    "Two things are missing; I'll fetch both.",
    "That explains part of it. One more check.",
)
