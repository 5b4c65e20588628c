package io.lavis4j.image;

/**
 * A rectangle in an image; it may reach beyond the edges.
 *
 * @param left pixels from the left edge
 * @param top pixels from the upper edge
 * @param width pixels
 * @param height pixels
 */
public record Box(int left, int top, int width, int height) {}
