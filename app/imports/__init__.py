"""Complaints from files (批量导入): rows of a CSV or XLSX become registrations that wait for a clerk, once each."""
