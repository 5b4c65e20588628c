package io.lavis4j.dataset;

/**
 * The samples that one of several processes loads.
 *
 * <p>Of samples in an order of their own it is every {@code world}-th from the rank on, where the order is repeated
 * from its start until all have as many: the i-th batches of all processes together are the i-th of one process with
 * {@code world} times the batch size. Of samples that come in their order it is every {@code world}-th batch from the
 * rank on, which no other process has.
 *
 * @param rank number of the process, from 0
 * @param world how many there are
 */
public record Share(int rank, int world) {

    /** All samples. */
    public static final Share WHOLE = new Share(0, 1);

    public Share {
        if (rank < 0 || rank >= world) {
            throw new IllegalArgumentException("expected a rank from 0 to %d, got %d".formatted(world - 1, rank));
        }
    }

    /** How many samples there are in every {@code world}-th batch. */
    public long ofBatches(long samples, int batchSize) {
        long whole = samples / batchSize;
        long own = whole / world + (rank < whole % world ? 1 : 0);
        return own * batchSize + (rank == whole % world ? samples % batchSize : 0);
    }

    /** The place among all samples of one in every {@code world}-th batch. */
    public long placeInBatches(long number, int batchSize) {
        return (number / batchSize * world + rank) * batchSize + number % batchSize;
    }
}
