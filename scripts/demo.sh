#!/usr/bin/env bash
# The demo: a city is built, loaded, screened and reported. Everything it makes is below $DEMO.
set -euo pipefail
jicha="$BIN/jicha"
rm -rf "$DEMO"
mkdir -p "$DEMO"
step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }

step "1/4 建一座城 build a city ($CUSTOMERS 户 customers)"
"$jicha" sandbox "$DEMO/city" --customers "$CUSTOMERS" --as-of "$AS_OF" --seed 1
step "2/4 装入来源文件 load its source files"
"$jicha" load "$DEMO/data" "$DEMO/city"
step "3/4 筛查 screen"
"$jicha" screen "$DEMO/data" --as-of "$AS_OF" --inputs "$DEMO/city/run"
step "4/4 报告 report"
"$jicha" report "$DEMO/data" --out "$DEMO/report.html"
"$jicha" report "$DEMO/data" --out "$DEMO/report-en.html" --lang en
"$jicha" report "$DEMO/data" --out "$DEMO/report.xlsx"

difference=$("$jicha" findings "$DEMO/data" --rule TC012 --sort -amount_yuan --limit 1 --json)
customer=$(sed -n 's/.*"customer_id": *"\([^"]*\)".*/\1/p' <<<"$difference" | head -1)
period=$(sed -n 's/.*"period": *"\([0-9-]\{7\}\).*/\1/p' <<<"$difference" | head -1)

cat <<TEXT

完成 Done (${SECONDS} s)。用浏览器打开 open in a browser: $DEMO/report.html   (English: $DEMO/report-en.html)

可看的事 Things to look at:
  1. 报告首页：点任一图形，清单即按其筛选；展开一条问题，先看原因、金额和依据
     the report: click a bar to filter the list, open a finding: its reason, its yuan, its basis
  2. 一条规则从哪里来 where a rule comes from:     $jicha rules show CF004
  3. 一个规则的问题 one rule's findings:           $jicha findings $DEMO/data --rule CF006 --sort -amount_yuan
  4. 一张有差额的账单 a bill that differs:         $jicha bill explain $DEMO/data $customer $period
TEXT
