"""The inbox (待办): tasks that wait, were done, are overdue; notices; the task page and what can be done from it."""
