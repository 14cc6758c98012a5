"""Reading findings: filters, reasons, masking, export."""
