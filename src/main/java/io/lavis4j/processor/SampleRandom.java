package io.lavis4j.processor;

/** The random numbers of one sample. Not safe for several threads. */
public interface SampleRandom {

    /** A number in [{@code low}, {@code high}). */
    double uniform(double low, double high);

    /** A whole number in [{@code low}, {@code high}). */
    int integer(int low, int high);
}
