"""The numbers: each indicator at its bounds, kept up as well as counted anew, the cases behind them, the pages."""
