package io.lavis4j.distributed;

/**
 * A process of the group as another one sees it.
 *
 * @param rank its number
 * @param name its host and process
 * @param beat its last sign of life, as it came
 * @param seen when that was new, on this process's clock, ns
 */
record Member(int rank, String name, Beat beat, long seen) {

    /**
     * A sign of life.
     *
     * @param number counts them
     * @param collective how many collectives it has begun
     * @param what the last of them
     * @param left whether its work has ended
     */
    record Beat(long number, long collective, String what, boolean left) {

        static final Beat NONE = new Beat(0, 0, "none", false);

        /** As in the store. */
        String text() {
            return "%d %d %s %s".formatted(number, collective, left ? "left" : "works", what);
        }

        static Beat of(String text) {
            String[] parts = text.split(" ", 4);
            return new Beat(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[3], parts[2].equals("left"));
        }

        /** The last collective. */
        String name() {
            return "collective %d (%s)".formatted(collective, what);
        }

        /** Where the process is, as far as is known. */
        String place() {
            return collective == 0 ? "before its first collective" : "at " + name();
        }
    }

    /** The same with what came now. */
    Member with(Beat now, long time) {
        return now.equals(beat) ? this : new Member(rank, name, now, time);
    }

    /** The same as if it had been heard of now. */
    Member seen(long time) {
        return new Member(rank, name, beat, time);
    }

    @Override
    public String toString() {
        return "rank %d (%s)".formatted(rank, name);
    }
}
