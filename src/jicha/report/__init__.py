"""The one-page report (HTML) and the workbook (XLSX)."""
