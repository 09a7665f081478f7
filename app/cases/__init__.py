"""The case page (案卷): the step to do now, clocks, diagram, trail, papers, files and links of any case."""
