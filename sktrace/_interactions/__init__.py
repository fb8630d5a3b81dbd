"""A long frame of answers: judged, coded, put in time order. Numpy and pandas only."""
