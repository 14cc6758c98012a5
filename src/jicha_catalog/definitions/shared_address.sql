/*---
name: shared_address
zh: 共用地址
en: Shared address
note: Addresses of the run's list shared_addresses in the form of address_key.
tables: []
columns:
  address_key: string
---*/
SELECT CAST(text_key(a.address) AS VARCHAR) AS address_key
FROM run_shared_addresses AS a
WHERE text_key(a.address) <> ''
GROUP BY text_key(a.address)
