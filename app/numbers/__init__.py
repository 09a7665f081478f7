"""统计指标: numbers with formula, numerator, denominator and the cases behind them."""
