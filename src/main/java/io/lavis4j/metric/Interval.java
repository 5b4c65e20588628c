package io.lavis4j.metric;

/** A confidence interval, both ends included. */
public record Interval(double low, double high) {}
