package io.lavis4j.tensor;

/** Threefry4x32 of 13 rounds (Salmon et al., SC 2011): random numbers that are a function of a counter. */
final class Threefry {

    private static final int ROUNDS = 13;
    private static final int PARITY = 0x1BD11BDA;
    private static final int[][] TURNS = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};

    private Threefry() {}

    /** Four numbers of a counter and a key, whose upper halves are 0. */
    static int[] of(long key, long counter) {
        int[] keys = {(int) key, (int) (key >>> 32), 0, 0, PARITY ^ (int) key ^ (int) (key >>> 32)};
        int[] x = {(int) counter + keys[0], (int) (counter >>> 32) + keys[1], 0, 0};
        for (int round = 0; round < ROUNDS; round++) {
            int first = round % 2 == 0 ? 1 : 3;
            mix(x, 0, first, TURNS[round % TURNS.length][0]);
            mix(x, 2, 4 - first, TURNS[round % TURNS.length][1]);
            if ((round + 1) % 4 == 0) {
                int injected = (round + 1) / 4;
                for (int word = 0; word < x.length; word++) {
                    x[word] += keys[(injected + word) % keys.length];
                }
                x[3] += injected;
            }
        }
        return x;
    }

    private static void mix(int[] x, int sum, int turned, int bits) {
        x[sum] += x[turned];
        x[turned] = Integer.rotateLeft(x[turned], bits) ^ x[sum];
    }
}
