"""两法衔接: a suspected crime goes from the bureau to the police, under the eyes of the procuratorate."""
