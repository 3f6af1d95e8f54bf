(** L3, L4, L7 [ours] for STREAM (blueprint, section 1), and T3's elimination. The networks are in blocks.v.

    Definitions: [stream_merge], the weights with w_j = c_j w_i(j) on J; [read_change], the norm of what a matrix
    reads of the change of a state z_n; [stream_rebase], the weights after L4: w_j = 0, the centres' columns of V
    and all A_k take c_j times those of J, rows U_(k,j) - c_j U_(k,i); [stream_eliminate], U_(k,j) = 0 on J, handed
    over to the slots Bs with coefficients E; [spanned_reader], in the first n rows of a reader M its columns J are
    the combinations E of its columns Bs; [stream_readout], the weights with another V.
    Statements: L3, L4, L7; eliminate_stream is T3's step. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import perturb transfer residual.
Import ListNotations.
Open Scope R_scope.

Section Stream.
Variables (X : data) (m K : nat).
(** block k: the map q_k with its own weights *)
Variable Bl : nat -> branch.

Definition stream_merge (P : stream_param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : stream_param :=
  stream_make (fun j i => if mem j J then cf j * sW P (ctr j) i else sW P j i) (sV P) (sA P) (sU P) (sQ P).

(** * L3 *)

(** the difference of two states, read by M *)
Definition read_change (P P' : stream_param) (M : matrix) (r n : nat) : R :=
  l2norm X r (fun k a => \sum_(j < m) (M j a * (state X m Bl P' n k j - state X m Bl P n k j))).

Lemma opnorm_l2 n r M c (g : nat -> vector) : opnorm_le n r M c ->
  l2norm X n (fun k a => \sum_(s < r) (M a s * g k s)) <= c * l2norm X r g.
Proof.
  intros [Hc HM]. rewrite !l2norm_iter. unfold pnorm.
  rewrite <- (wnorm_scal_pos _ _ c) by easy. apply wnorm_mono; [apply weight_nonneg|]. intros k _.
  rewrite !Rabs_right; [apply HM | |].
  - apply Rle_ge, Rmult_le_pos; [easy | apply enorm_nonneg].
  - apply Rle_ge, enorm_nonneg.
Qed.

(** one block: what M reads of its output, by what A_n reads of its input *)
Lemma read_change_step P P' M r n lip c :
  sU P' n = sU P n -> sA P' n = sA P n -> sQ P' n = sQ P n ->
  lipschitz (Bl n) (sQ P n) lip -> opnorm_le r (branch_out (Bl n)) (times m M (sU P n)) c ->
  read_change P P' M r (S n)
  <= read_change P P' M r n + c * (lip * read_change P P' (sA P n) (branch_in (Bl n)) n).
Proof.
  intros EU EA EQ [Hl0 Hlip] Hop. pose proof (proj1 Hop) as Hc0.
  set (delta := fun k s => block_out X m Bl P' n k s - block_out X m Bl P n k s).
  assert (Hdelta : l2norm X (branch_out (Bl n)) delta <= lip * read_change P P' (sA P n) (branch_in (Bl n)) n).
  { unfold read_change. rewrite !l2norm_iter. unfold pnorm. rewrite <- (wnorm_scal_pos _ _ lip) by easy.
    apply wnorm_mono; [apply weight_nonneg|]. intros k _. rewrite !Rabs_right; cycle 1.
    { apply Rle_ge, Rmult_le_pos; [easy | apply enorm_nonneg]. } { apply Rle_ge, enorm_nonneg. }
    unfold delta, block_out. rewrite EQ. eapply Rle_trans; [apply Hlip|].
    apply Rmult_le_compat_l; [easy|]. right. apply enorm_ext; intros a _. unfold block_reading.
    rewrite EA, <- lsum_minus. apply lsum_ext; intros; ring. }
  eapply Rle_trans; [|apply Rplus_le_compat_l, Rmult_le_compat_l; [exact Hc0 | exact Hdelta]].
  eapply Rle_trans; [|apply Rplus_le_compat_l, (opnorm_l2 r (branch_out (Bl n)) (times m M (sU P n)) c delta Hop)].
  unfold read_change. eapply Rle_trans; [|apply l2norm_triangle]. right. f_equal.
  apply matrix_ext; intros k a. unfold times.
  rewrite (lsum_ext (seq 0 (branch_out (Bl n))) _ (fun s => \sum_(j < m) (M j a * sU P n j s * delta k s)))
    by (intros; now rewrite <- lsum_scal_r).
  rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros j _. rewrite !(state_S X m Bl), EU.
  rewrite (lsum_ext (seq 0 (branch_out (Bl n))) (fun s => M j a * sU P n j s * delta k s)
    (fun s => M j a * (sU P n j s * block_out X m Bl P' n k s - sU P n j s * block_out X m Bl P n k s)))
    by (intros; unfold delta; ring).
  rewrite lsum_scal, lsum_minus. ring.
Qed.

(** everything but W the same: the change of V z_K, by the changes of z_0 *)
Lemma stream_move P P' lam : stream_gain X m K Bl P lam ->
  (forall n, sU P' n = sU P n) -> (forall n, sA P' n = sA P n) -> (forall n, sQ P' n = sQ P n) -> sV P' = sV P ->
  fnorm X (fun k c => stream X m K Bl P' k c - stream X m K Bl P k c)
  <= read_change P P' (sV P) (outputs X) O
     + \sum_(h < K) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) O).
Proof.
  intros (lip & vu & au & Hlip & Hvu & Hau & Hlam0 & Hlam) EU EA EQ EV.
  assert (Hpos : forall M r n, 0 <= read_change P P' M r n) by (intros; apply l2norm_nonneg).
  (* from the top block down *)
  assert (Hdown : forall e n, (n + e = K)%nat ->
    read_change P P' (sV P) (outputs X) K <= read_change P P' (sV P) (outputs X) n
      + \sum_(h in seq n e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) n)).
  { induction e as [|e IH]; intros n Hn.
    - replace n with K by lia. simpl. lra.
    - eapply Rle_trans; [apply (IH (S n)); lia|].
      assert (HnK : (n < K)%nat) by lia. pose proof (Hlip n HnK) as Hl. pose proof (proj1 Hl) as Hl0.
      set (rho := read_change P P' (sA P n) (branch_in (Bl n)) n).
      assert (HV : read_change P P' (sV P) (outputs X) (S n)
                   <= read_change P P' (sV P) (outputs X) n + vu n * (lip n * rho)).
      { apply read_change_step; auto. }
      assert (HA : \sum_(h in seq (S n) e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) (S n))
        <= \sum_(h in seq (S n) e) (lam h * read_change P P' (sA P h) (branch_in (Bl h)) n)
           + (\sum_(h in seq (S n) e) (lam h * au h n)) * (lip n * rho)).
      { rewrite <- lsum_scal_r, <- lsum_plus. apply lsum_le; intros h Hh. apply in_seq in Hh.
        assert (Hstep : read_change P P' (sA P h) (branch_in (Bl h)) (S n)
          <= read_change P P' (sA P h) (branch_in (Bl h)) n + au h n * (lip n * rho)).
        { apply read_change_step; auto. apply Hau. lia. }
        apply (Rmult_le_compat_l (lam h)) in Hstep; [lra | apply Hlam0; lia]. }
      cbn [seq lsum]. fold rho.
      assert (Hend : (vu n + \sum_(h in seq (S n) e) (lam h * au h n)) * (lip n * rho) <= lam n * rho).
      { specialize (Hlam n HnK). replace (K - S n)%nat with e in Hlam by lia.
        apply (Rmult_le_compat_r rho) in Hlam; [lra | apply Hpos]. }
      lra. }
  eapply Rle_trans; [|apply (Hdown K O); lia]. right. unfold read_change, fnorm. f_equal.
  apply matrix_ext; intros k c. unfold stream. rewrite EV, <- lsum_minus. apply lsum_ext; intros; ring.
Qed.

Theorem L3_stream sigma lam P J ctr cf t : moment X sigma -> stream_gain X m K Bl P lam ->
  NoDup J -> (forall j, In j J -> (j < m)%nat) -> 0 <= t ->
  fnorm X (fun k c => stream X m K Bl (lin t P (stream_merge P J ctr cf)) k c - stream X m K Bl P k c)
  <= t * stream_deviation X K Bl sigma lam P J ctr cf.
Proof.
  intros Hs Hgain HN HJ Ht. set (P' := lin t P (stream_merge P J ctr cf)).
  pose proof Hgain as (lip & vu & au & _ & _ & _ & Hlam0 & _).
  set (dz := fun j k => stream_feature X P' k j - stream_feature X P k j).
  assert (Hstay : forall j, ~ In j J -> pnorm X (dz j) = 0).
  { intros j Hj. apply wnorm_zero; intros k _. unfold dz, stream_feature. apply mem_false in Hj.
    rewrite (dot_ext X (sW P' j) (sW P j)); [ring|]. intros i. unfold P', stream_merge; stream_entries. rewrite Hj. ring. }
  assert (Hmove : forall j, In j J -> pnorm X (dz j)
                  <= t * (sigma * enorm (seen X) (fun i => sW P j i - cf j * sW P (ctr j) i))).
  { intros j Hj. apply mem_In in Hj.
    eapply Rle_trans.
    { apply (wnorm_mono _ _ (weight_nonneg X) _
        (fun k => t * dot X (fun i => sW P j i - cf j * sW P (ctr j) i) (input X k))).
      intros k _. eapply Rle_trans; [apply L1b_lipschitz|]. right. rewrite Rabs_minus_sym. f_equal.
      unfold dot. rewrite <- lsum_minus, <- lsum_scal. apply lsum_ext; intros i _.
      unfold P', stream_merge; stream_entries. rewrite Hj. ring. }
    rewrite wnorm_scal_pos by easy. apply Rmult_le_compat_l; [easy | now apply moment_norm]. }
  assert (Hread : forall M r, read_change P P' M r O <= \sum_(j < m) (enorm r (M j) * pnorm X (dz j))).
  { intros M r. apply (l2norm_rank1_sum X r (seq 0 m) dz M). }
  eapply Rle_trans.
  { apply (stream_move P P' lam Hgain).
    - intros n. apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring.
    - intros n. apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring.
    - intros n. apply functional_extensionality; intros d. apply matrix_ext; intros.
      unfold P', stream_merge; stream_entries; ring.
    - apply matrix_ext; intros; unfold P', stream_merge; stream_entries; ring. }
  apply Rle_trans with (\sum_(j < m) (stream_out X K Bl lam P j * pnorm X (dz j))).
  { apply Rle_trans with (\sum_(j < m) (enorm (outputs X) (sV P j) * pnorm X (dz j))
      + \sum_(h < K) (lam h * \sum_(j < m) (enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))).
    - apply Rplus_le_compat; [apply Hread|]. apply lsum_le; intros h Hh. apply in_rng in Hh.
      apply Rmult_le_compat_l; [now apply Hlam0 | apply Hread].
    - right. rewrite (lsum_ext (seq 0 K) (fun h => lam h * \sum_(j < m) (enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))
        (fun h => \sum_(j < m) (lam h * enorm (branch_in (Bl h)) (sA P h j) * pnorm X (dz j)))).
      + rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros j _. unfold stream_out.
        rewrite Rmult_plus_distr_r, <- lsum_scal_r. easy.
      + intros h _. rewrite <- lsum_scal. apply lsum_ext; intros; ring. }
  rewrite (lsum_ext _ _ (fun j => if mem j J then stream_out X K Bl lam P j * pnorm X (dz j) else 0)).
  2:{ intros j _. destruct (mem j J) eqn:E; [easy|]. apply mem_false in E. rewrite Hstay by easy. ring. }
  rewrite lsum_mem by easy. unfold stream_deviation. rewrite <- !lsum_scal. apply lsum_le; intros j Hj.
  assert (HC : 0 <= stream_out X K Bl lam P j).
  { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  pose proof (Rmult_le_compat_l _ _ _ HC (Hmove j Hj)). lra.
Qed.

(** with projections D(J) is "sigma sum_J s_j sin(min(phi_j, pi/2))" here too (rows not 0) *)
Theorem L3_stream_deviation sigma lam P J ctr :
  (forall j, In j J -> 0 < enorm (seen X) (sW P j) /\ 0 < enorm (seen X) (sW P (ctr j))) ->
  stream_deviation X K Bl sigma lam P J ctr (fun j => projection X (sW P j) (sW P (ctr j)))
  = sigma * \sum_(j in J) (enorm (seen X) (sW P j) * stream_out X K Bl lam P j
      * sin (Rmin (angle X (sW P j) (sW P (ctr j))) (PI / 2))).
Proof.
  intros H. unfold stream_deviation. f_equal. apply lsum_ext; intros j Hj. destruct (H j Hj) as [H1 H2].
  rewrite (L3_sine X _ _ H1 H2). ring.
Qed.

(** * L4 *)

Definition stream_rebase (P : stream_param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : stream_param :=
  stream_make (fun j i => if mem j J then 0 else sW P j i) (receive J (single ctr cf) (sV P))
    (fun k => receive J (single ctr cf) (sA P k))
    (fun k j s => if mem j J then sU P k j s - cf j * sU P k (ctr j) s else sU P k j s) (sQ P).

Theorem L4_stream l P J ctr cf t : 0 <= t <= 1 -> admissible m l J ctr cf ->
  (forall j, In j J -> forall i, sW P j i = cf j * sW P (ctr j) i) ->
  stream X m K Bl (lin t P (stream_rebase P J ctr cf)) = stream X m K Bl P.
Proof.
  intros Ht [(HN & _ & HJ) [Hc Hcf]] HW. set (P' := lin t P (stream_rebase P J ctr cf)).
  (* z'_(n,j) = z_(n,j) - t c z_(n,i) on J, for every n *)
  assert (Hstate : forall n k j, state X m Bl P' n k j
      = if mem j J then state X m Bl P n k j - t * cf j * state X m Bl P n k (ctr j) else state X m Bl P n k j).
  { induction n as [|n IH]; intros k j.
    - cbn [state]. unfold stream_feature. destruct (mem j J) eqn:E.
      + apply mem_In in E.
        rewrite (dot_ext X (sW P' j) (fun i => ((1 - t) * cf j) * sW P (ctr j) i)).
        2:{ intros i. unfold P', stream_rebase; stream_entries. rewrite (proj2 (mem_In j J) E).
            pose proof (HW j E i) as Hji. unfold sW in Hji. rewrite Hji. ring. }
        rewrite (dot_ext X (sW P j) (fun i => cf j * sW P (ctr j) i)) by now apply HW.
        rewrite !dot_scal. pose proof (Hcf j E).
        rewrite !L1a_homogeneous; [ring | easy | apply Rmult_le_pos; lra].
      + f_equal. apply dot_ext. intros i. unfold P', stream_rebase; stream_entries. rewrite E. ring.
    - assert (Hread : block_reading X m Bl P' n k = block_reading X m Bl P n k).
      { apply functional_extensionality; intros a.
        apply (receive_sum m J ctr cf (sA P n) (state X m Bl P n k) (state X m Bl P' n k) a t); auto. }
      assert (Hout : block_out X m Bl P' n k = block_out X m Bl P n k).
      { apply functional_extensionality; intros s. unfold block_out. rewrite Hread.
        replace (sQ P' n) with (sQ P n); [easy|]. apply functional_extensionality; intros d.
        apply matrix_ext; intros. unfold P', stream_rebase; stream_entries; ring. }
      rewrite !(state_S X m Bl), IH, Hout. destruct (mem j J) eqn:E.
      + rewrite (lsum_ext _ (fun s => sU P' n j s * block_out X m Bl P n k s)
           (fun s => sU P n j s * block_out X m Bl P n k s
           - t * cf j * (sU P n (ctr j) s * block_out X m Bl P n k s))).
        * rewrite lsum_minus, lsum_scal. ring.
        * intros s _. unfold P', stream_rebase; stream_entries. rewrite E. ring.
      + f_equal. apply lsum_ext; intros s _. f_equal. unfold P', stream_rebase; stream_entries. rewrite E. ring. }
  apply matrix_ext; intros k c.
  apply (receive_sum m J ctr cf (sV P) (state X m Bl P K k) (state X m Bl P' K k) c t); auto.
Qed.

(** "at the end z_(0,j) = 0": nothing is left of j's feature, and A_1 reads nothing of it *)
Theorem L4_stream_silent P J ctr cf k j : In j J -> state X m Bl (lin 1 P (stream_rebase P J ctr cf)) 0 k j = 0.
Proof.
  intros Hj. cbn [state]. unfold stream_feature. apply mem_In in Hj.
  rewrite (dot_ext X _ (fun i => 0 * sW P j i)).
  - rewrite dot_scal, Rmult_0_l. unfold relu. apply Rmax_left. lra.
  - intros i. unfold stream_rebase; stream_entries. rewrite Hj. ring.
Qed.

(** * T3's elimination: "the readers [V; A_2; ...; A_K] and their column basis (A_1 reads only z_0, which is 0 on J)" *)

Definition stream_eliminate (P : stream_param) (J Bs : list nat) (E : matrix) : stream_param :=
  stream_make (sW P) (sV P) (sA P)
    (fun k i s => if mem i J then 0
                  else if mem i Bs then sU P k i s + \sum_(j in J) (E j i * sU P k j s) else sU P k i s) (sQ P).

(** column j of the reader M is the combination E_j of its columns in Bs, on its first n rows *)
Definition spanned_reader (n : nat) (M : matrix) (J Bs : list nat) (E : matrix) : Prop :=
  forall j, In j J -> forall a, (a < n)%nat -> M j a = \sum_(b < m) (if mem b Bs then E j b * M b a else 0).

(** a Lipschitz map looks at the coordinates it is given, and no others *)
Lemma lipschitz_local (b : branch) q lip x y : lipschitz b q lip ->
  (forall a, (a < branch_in b)%nat -> x a = y a) -> forall s, (s < branch_out b)%nat -> act b q x s = act b q y s.
Proof.
  intros [Hl H] E s Hs. specialize (H x y).
  rewrite (enorm_zero (branch_in b)) in H by (intros i Hi; rewrite E by easy; ring).
  pose proof (enorm_entry (branch_out b) (fun s => act b q x s - act b q y s) s Hs) as He. cbv beta in He.
  destruct (Req_dec (act b q x s - act b q y s) 0) as [E0|N]; [lra|]. apply Rabs_pos_lt in N. lra.
Qed.

Theorem eliminate_stream P J Bs E t : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (forall b, In b Bs -> ~ In b J) ->
  spanned_reader (outputs X) (sV P) J Bs E ->
  (forall k, (0 < k < K)%nat -> spanned_reader (branch_in (Bl k)) (sA P k) J Bs E) ->
  (forall k, (k < K)%nat -> exists lip, lipschitz (Bl k) (sQ P k) lip) ->
  forall k c, (c < outputs X)%nat -> stream X m K Bl (lin t P (stream_eliminate P J Bs E)) k c = stream X m K Bl P k c.
Proof.
  intros HN HJ HB HV HA Hlip k c Hc. set (P' := lin t P (stream_eliminate P J Bs E)).
  (* what the blocks below n have put on the stream *)
  set (g := fun n j => state X m Bl P n k j - state X m Bl P O k j).
  set (shift := fun n i => t * (if mem i J then - g n i else if mem i Bs then \sum_(j in J) (E j i * g n j) else 0)).
  (* a spanned reader does not see the shift *)
  assert (Hblind : forall r M n a, spanned_reader r M J Bs E -> (a < r)%nat -> \sum_(i < m) (M i a * shift n i) = 0).
  { intros r M n a HM Ha. unfold shift.
    rewrite (lsum_ext _ _ (fun i => t * ((if mem i Bs then M i a * \sum_(j in J) (E j i * g n j) else 0)
      - (if mem i J then M i a * g n i else 0)))).
    2:{ intros i _. destruct (mem i J) eqn:EJ; [|destruct (mem i Bs); ring].
        destruct (mem i Bs) eqn:EB; [|ring]. exfalso. apply mem_In in EJ, EB. now apply (HB i). }
    rewrite lsum_scal, lsum_minus, (lsum_mem m J) by easy.
    replace (\sum_(i < m) (if mem i Bs then M i a * \sum_(j in J) (E j i * g n j) else 0))
      with (\sum_(j in J) (M j a * g n j)); [ring|].
    rewrite (lsum_ext (seq 0 m) (fun i => if mem i Bs then _ else 0)
      (fun i => \sum_(j in J) (if mem i Bs then E j i * M i a * g n j else 0))).
    - rewrite lsum_swap. apply lsum_ext; intros j Hj. rewrite (HM j Hj a Ha), <- lsum_scal_r.
      apply lsum_ext; intros b _. destruct (mem b Bs); ring.
    - intros i _. destruct (mem i Bs).
      + rewrite <- lsum_scal. apply lsum_ext; intros; ring.
      + symmetry. now apply lsum_zero. }
  assert (Hstate : forall n, (n <= K)%nat -> forall i, state X m Bl P' n k i = state X m Bl P n k i + shift n i).
  { induction n as [|n IH]; intros Hn i.
    - unfold shift, g. cbn [state].
      replace (stream_feature X P' k i) with (stream_feature X P k i).
      + destruct (mem i J); [ring|]. destruct (mem i Bs); [|ring]. rewrite lsum_zero by (intros; ring). ring.
      + unfold stream_feature. f_equal. apply dot_ext. intros; unfold P', stream_eliminate; stream_entries; ring.
    - specialize (IH ltac:(lia)).
      assert (HAsame : sA P' n = sA P n)
        by (apply matrix_ext; intros; unfold P', stream_eliminate; stream_entries; ring).
      assert (Hread : forall a, (a < branch_in (Bl n))%nat -> block_reading X m Bl P' n k a = block_reading X m Bl P n k a).
      { intros a Ha. unfold block_reading. rewrite HAsame.
        rewrite (lsum_ext _ _ (fun j => sA P n j a * state X m Bl P n k j + sA P n j a * shift n j))
          by (intros; rewrite IH; ring).
        rewrite lsum_plus. destruct n as [|n'].
        - (* the first block reads z_0, which does not move *)
          rewrite (lsum_zero _ (fun j => sA P O j a * shift O j)); [ring|]. intros j _. unfold shift, g.
          destruct (mem j J); [ring|]. destruct (mem j Bs); [|ring]. rewrite lsum_zero by (intros; ring). ring.
        - rewrite (Hblind (branch_in (Bl (S n')))); [ring | apply HA; lia | easy]. }
      assert (Hout : forall s, (s < branch_out (Bl n))%nat -> block_out X m Bl P' n k s = block_out X m Bl P n k s).
      { intros s Hs. unfold block_out. replace (sQ P' n) with (sQ P n).
        - destruct (Hlip n ltac:(lia)) as (lip & Hl). now apply (lipschitz_local (Bl n) (sQ P n) lip).
        - apply functional_extensionality; intros d. apply matrix_ext; intros.
          unfold P', stream_eliminate; stream_entries; ring. }
      set (o := block_out X m Bl P n k). set (u := fun i => \sum_(s < branch_out (Bl n)) (sU P n i s * o s)).
      assert (Hg : forall j, g (S n) j = g n j + u j) by (intros j; unfold g, u, o; rewrite (state_S X m Bl); ring).
      assert (HU : \sum_(s < branch_out (Bl n)) (sU P' n i s * block_out X m Bl P' n k s)
        = u i + t * (if mem i J then - u i else if mem i Bs then \sum_(j in J) (E j i * u j) else 0)).
      { rewrite (lsum_ext _ _ (fun s => sU P' n i s * o s))
          by (intros s Hs; apply in_rng in Hs; rewrite Hout by easy; reflexivity).
        unfold u. destruct (mem i J) eqn:EJ; [|destruct (mem i Bs) eqn:EB].
        - replace (- lsum (seq 0 (branch_out (Bl n))) (fun s => sU P n i s * o s))
            with (\sum_(s < branch_out (Bl n)) ((-1) * (sU P n i s * o s))) by (rewrite lsum_scal; ring).
          rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ. ring.
        - rewrite (lsum_ext J _ (fun j => \sum_(s < branch_out (Bl n)) (E j i * (sU P n j s * o s))))
            by (intros; now rewrite lsum_scal).
          rewrite lsum_swap, <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ, EB.
          rewrite (lsum_ext J (fun j => E j i * (P (StreamU n j s) * o s)) (fun j => (E j i * P (StreamU n j s)) * o s))
            by (intros; ring).
          rewrite lsum_scal_r. ring.
        - rewrite Rmult_0_r, Rplus_0_r. apply lsum_ext; intros s _.
          unfold P', stream_eliminate; stream_entries. rewrite EJ, EB. ring. }
      rewrite !(state_S X m Bl), IH, HU. fold o. change (\sum_(s < branch_out (Bl n)) (sU P n i s * o s)) with (u i).
      unfold shift. rewrite Hg. destruct (mem i J); [ring|]. destruct (mem i Bs); [|ring].
      rewrite (lsum_ext J (fun j => E j i * g (S n) j) (fun j => E j i * g n j + E j i * u j))
        by (intros; rewrite Hg; ring).
      rewrite lsum_plus. ring. }
  unfold stream. rewrite (lsum_ext _ _ (fun j => sV P j c * state X m Bl P K k j + sV P j c * shift K j)).
  - rewrite lsum_plus, (Hblind (outputs X) (sV P)) by easy. ring.
  - intros j _. rewrite Hstate by lia. replace (sV P' j c) with (sV P j c); [ring|].
    unfold P', stream_eliminate; stream_entries; ring.
Qed.

(** * L7 *)

Definition stream_readout (P : stream_param) (v : matrix) : stream_param :=
  stream_make (sW P) v (sA P) (sU P) (sQ P).

(** L7: STREAM, V alone *)
Theorem L7_stream P v t k c : stream X m K Bl (lin t P (stream_readout P v)) k c
  = (1 - t) * stream X m K Bl P k c + t * stream X m K Bl (stream_readout P v) k c.
Proof.
  assert (Hstate : forall T n, sW T = sW P -> sA T = sA P -> sU T = sU P -> sQ T = sQ P ->
    state X m Bl T n k = state X m Bl P n k).
  { intros T n EW EA EU EQ. induction n as [|n IH]; apply functional_extensionality; intros j.
    - cbn [state]. unfold stream_feature. now rewrite EW.
    - cbn [state]. now rewrite IH, EA, EU, EQ. }
  unfold stream. rewrite (Hstate (lin t P (stream_readout P v)) K), (Hstate (stream_readout P v) K); try easy.
  - rewrite <- lsum_lin. apply lsum_ext; intros j _. unfold stream_readout; stream_entries. ring.
  - apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
  - apply functional_extensionality; intros n. apply functional_extensionality; intros d.
    apply matrix_ext; intros; unfold stream_readout; stream_entries; ring.
Qed.
End Stream.
