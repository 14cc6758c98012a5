#!/usr/bin/env bash
# The demo: a city is built, loaded, screened and reported, and the application is started on it. All it makes is below $DEMO.
set -euo pipefail
jicha="$BIN/jicha"
here=$(dirname "$0")
DEMO="$DEMO" bash "$here/demo-stop.sh" >/dev/null
rm -rf "$DEMO"
mkdir -p "$DEMO"
step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }

step "1/5 建一座城 build a city ($CUSTOMERS 户 customers)"
"$jicha" sandbox "$DEMO/city" --customers "$CUSTOMERS" --as-of "$AS_OF" --seed 1
step "2/5 装入来源文件 load its source files"
"$jicha" load "$DEMO/data" "$DEMO/city"
step "3/5 筛查 screen"
mkdir -p "$DEMO/data/run" && cp -r "$DEMO/city/run/." "$DEMO/data/run/" # the application's runs read the same inputs
"$jicha" screen "$DEMO/data" --as-of "$AS_OF" --ahead  # whatever day it is where the demonstration runs
step "4/5 启动应用 start the application"
export JICHA_AS_OF="$AS_OF" # today, for the demonstration
install -m 600 /dev/null "$DEMO/serve.log" # it holds the passwords
setsid nohup "$jicha" serve "$DEMO/data" --port 0 --demo-people >"$DEMO/serve.log" 2>"$DEMO/serve.err" </dev/null &
echo $! >"$DEMO/serve.pid"

step "5/5 报告 report" # while the application reads the findings
"$jicha" report "$DEMO/data" --out "$DEMO/report.html"
"$jicha" report "$DEMO/data" --out "$DEMO/report-en.html" --lang en
"$jicha" report "$DEMO/data" --out "$DEMO/report.xlsx"
for _ in $(seq 600); do
  [ -f "$DEMO/data/app/serve.json" ] && break
  kill -0 "$(cat "$DEMO/serve.pid")" 2>/dev/null || { cat "$DEMO/serve.err" >&2; exit 1; }
  sleep 0.2
done
[ -f "$DEMO/data/app/serve.json" ] || { cat "$DEMO/serve.err" >&2; exit 1; }
address=$(sed -n 's/.*"address": *"\([^"]*\)".*/\1/p' "$DEMO/data/app/serve.json")

difference=$("$jicha" findings "$DEMO/data" --rule TC012 --sort -amount_yuan --limit 1 --json)
customer=$(sed -n 's/.*"customer_id": *"\([^"]*\)".*/\1/p' <<<"$difference" | head -1)
period=$(sed -n 's/.*"period": *"\([0-9-]\{7\}\).*/\1/p' <<<"$difference" | head -1)

read -r corrected station < <("$BIN/python" "$here/demo_correction.py" "$DEMO/city" "$DEMO/data" "$DEMO/serve.log" "$DEMO/next"; echo)
station=${station:-station11}
county=${station#station} county=${county%?} # station21 is the first of county2

cat <<TEXT

完成 Done (${SECONDS} s)。应用地址 The application is at:  $address
停止 stop it: make demo-stop    再启动 start it again: make demo-serve    日志 log: $DEMO/serve.err

账号（口令仅此一次显示，也在 $DEMO/serve.log） Accounts, also in $DEMO/serve.log:
$(grep '^  ' "$DEMO/serve.log")

五步游览 A tour of five steps（详见 in full: docs/tutorial/first-case.zh-CN.md, docs/tutorial/first-case.md）:
  1. city 登录：“总览”看今日待办与逾期；点任一数字打开其清单
     sign in as city: what is to do today; every figure opens its list
  2. “疑点”按优先级排列：打开一条，看原因、金额、依据和客户全景，再“立案”；要看到工单自行办结，请选客户 $corrected 的 CF012
     findings by priority: open one, read reason, yuan, basis, the customer's picture; open a case. To see one close itself: CF012 of $corrected
  3. “工单”派发到县公司，county$county 登录后分派到供电所并指定核查人 $station
     dispatch the case to a county; county$county sends it on to a station, to $station
  4. $station 登录（可用手机宽度）：检查清单、照片、示数、签名；缺什么会指明，不能提交
     $station checks on site (at phone width): what is missing is named and it cannot be submitted
  5. county$county 定性，reviewer$county 审批，$station 整改，county$county、city 复核；然后送来新数据，几分钟后自动筛查，工单办结
     county$county assesses, reviewer$county approves, $station rectifies, county$county and city review; then deliver the next data, which close it within minutes:
       cp $DEMO/next/用电客户_更正.csv $DEMO/data/inbox/

也可看 Also:
  报告 the report: $DEMO/report.html  (English: $DEMO/report-en.html)
  一条规则 a rule: $jicha rules show CF004    一张有差额的账单 a bill that differs: $jicha bill explain $DEMO/data $customer $period
TEXT
