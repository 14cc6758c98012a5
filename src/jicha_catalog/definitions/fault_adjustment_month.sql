/*---
name: fault_adjustment_month
zh: 有计量故障退补的客户各期电量
en: Periods of customers with an adjustment for a metering fault
note: Billed energy of every period of the customers of fault_adjustment; they are few, so that nobody else's bills are summed.
tables: [adjustment, service_order, bill]
columns:
  customer_id: string
  period: date
  billed_kwh: decimal(18,2)
---*/
WITH asked AS (
    SELECT a.customer_id
    FROM fault_adjustment AS a
    GROUP BY a.customer_id
)

SELECT
    b.customer_id,
    b.period,
    CAST(SUM(b.billed_kwh) AS DECIMAL(18, 2)) AS billed_kwh
FROM bill AS b
INNER JOIN asked AS a ON b.customer_id = a.customer_id
GROUP BY b.customer_id, b.period
