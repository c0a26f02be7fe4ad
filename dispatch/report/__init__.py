"""What people read: the page, the workbook, the figures."""
