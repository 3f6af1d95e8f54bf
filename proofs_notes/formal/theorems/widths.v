(** C4 [ours] (blueprint, section 2): from which width on a closed form is at most a wanted deviation delta, or C7's
    bound at most a wanted depth eps. Real numbers only; s stands for sigma S, k for kappa_d.

    Definitions: [root], the d-th root of a positive number; [R1_form], [R2_form], [R3_form], [R4_form], [R7_form], the
    closed forms of the routes; [R3_serves], some number of centres makes R3's form at most delta.
    Statements: C4. *)

From Coq Require Import Reals Lra Psatz List Arith Lia.
From Skipscape.lemmas Require Import regulariser.
From Skipscape.theorems Require Import emptying gap.
Open Scope R_scope.

Definition root (d : nat) (x : R) : R := Rpower x (/ INR d).

Definition R1_form (d l m : nat) (s : R) : R := 2 * s * root d (INR (l + 1) / (cap_constant d * INR m)).
Definition R2_form (d l m : nat) (s : R) : R := 2 * s * root d (/ (cap_constant d * INR (m - l + 1))).
Definition R3_form (d l m c : nat) (s : R) : R :=
  2 * s * (INR l / INR (m - c)) * root d (/ (cap_constant d * INR (c + 1))).
Definition R4_form (l m : nat) (s : R) : R := s * (INR l / INR m).
Definition R7_form (l m : nat) (c s : R) : R := 2 * c * s * sqrt (INR l) / INR (m - 2 * l + 1).

(** * Elementary equivalences *)

Lemma le_div a b c : 0 < c -> (a / c <= b <-> a <= b * c).
Proof.
  intros Hc. split; intros H.
  - apply (Rmult_le_compat_r c) in H; [|lra]. replace (a / c * c) with a in H by (field; lra). lra.
  - apply (Rmult_le_reg_r c); [easy|]. replace (a / c * c) with a by (field; lra). lra.
Qed.

Lemma lt_div a b c : 0 < c -> (a / c < b <-> a < b * c).
Proof.
  intros Hc. split; intros H.
  - apply (Rmult_lt_compat_r c) in H; [|lra]. replace (a / c * c) with a in H by (field; lra). lra.
  - apply (Rmult_lt_reg_r c); [easy|]. replace (a / c * c) with a by (field; lra). lra.
Qed.

Lemma root_pos d x : 0 < root d x.
Proof. apply exp_pos. Qed.

Lemma root_pow d x : (1 <= d)%nat -> 0 < x -> root d x ^ d = x.
Proof.
  intros Hd Hx. unfold root. rewrite <- Rpower_pow by apply exp_pos. rewrite Rpower_mult.
  rewrite Rinv_l by (apply not_0_INR; lia). now apply Rpower_1.
Qed.

Lemma pow_mono d a b : (1 <= d)%nat -> 0 <= a -> 0 <= b -> (a <= b <-> a ^ d <= b ^ d).
Proof.
  intros Hd Ha Hb. split; intros H; [apply pow_incr; lra|]. apply Rnot_lt_le. intros Hlt.
  assert (b ^ d < a ^ d); [|lra]. clear H. induction d as [|d IH]; [lia|]. simpl.
  destruct d as [|d]; [simpl; lra|]. specialize (IH ltac:(lia)). pose proof (pow_le b (S d) Hb).
  assert (0 < a) by lra. nra.
Qed.

(** a closed form with a root, cleared *)
Lemma root_form d s x D : (1 <= d)%nat -> 0 <= s -> 0 < x -> 0 < D ->
  (2 * s * root d x <= D <-> (2 * s / D) ^ d <= / x).
Proof.
  intros Hd Hs Hx HD. pose proof (root_pos d x) as Hr.
  assert (E : 2 * s * root d x <= D <-> 2 * s / D <= / root d x).
  { rewrite le_div by easy. split; intros H.
    - apply (Rmult_le_reg_r (root d x)); [easy|]. replace (/ root d x * D * root d x) with D by (field; lra). lra.
    - apply (Rmult_le_compat_r (root d x)) in H; [|lra].
      replace (/ root d x * D * root d x) with D in H by (field; lra). lra. }
  rewrite E, (pow_mono d).
  - rewrite pow_inv. now rewrite root_pow.
  - easy.
  - apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat].
  - left. now apply Rinv_0_lt_compat.
Qed.

(** * The statements *)

(** "C1's bound is at most eps exactly if D <= sqrt(L + eps) - sqrt L" *)
Theorem C4_depth L eps D : 0 <= L -> 0 <= eps -> 0 <= D -> (rise L D <= eps <-> D <= sqrt (L + eps) - sqrt L).
Proof.
  intros HL He HD. unfold rise. pose proof (sqrt_pos L) as Hr. pose proof (pow2_sqrt L HL) as Er.
  pose proof (sqrt_pos (L + eps)) as Hq. pose proof (pow2_sqrt (L + eps) ltac:(lra)) as Eq. split; intros H; nra.
Qed.

Theorem C4_R1 d l m s D : (1 <= d)%nat -> (l < m)%nat -> 0 <= s -> 0 < D ->
  (R1_form d l m s <= D <-> INR (l + 1) / cap_constant d * (2 * s / D) ^ d <= INR m).
Proof.
  intros Hd Hl Hs HD. destruct (cap_constant_bounds d) as [Hk _].
  assert (Hm : 0 < INR m) by (apply lt_0_INR; lia). assert (Hl1 : 0 < INR (l + 1)) by (apply lt_0_INR; lia).
  unfold R1_form. rewrite root_form; try easy; [|apply Rdiv_lt_0_compat; nra].
  set (a := (2 * s / D) ^ d). set (k := cap_constant d) in *.
  replace (/ (INR (l + 1) / (k * INR m))) with (k * INR m / INR (l + 1)) by (field; lra).
  replace (INR (l + 1) / k * a) with (a * INR (l + 1) / k) by (field; lra). rewrite le_div by easy.
  split; intros H.
  - apply (Rmult_le_compat_r (INR (l + 1))) in H; [|lra].
    replace (k * INR m / INR (l + 1) * INR (l + 1)) with (INR m * k) in H by (field; lra). exact H.
  - apply (Rmult_le_reg_r (INR (l + 1))); [easy|].
    replace (k * INR m / INR (l + 1) * INR (l + 1)) with (INR m * k) by (field; lra). exact H.
Qed.

Theorem C4_R2 d l m s D : (1 <= d)%nat -> (l < m)%nat -> 0 <= s -> 0 < D ->
  (R2_form d l m s <= D <-> INR l - 1 + (2 * s / D) ^ d / cap_constant d <= INR m).
Proof.
  intros Hd Hl Hs HD. destruct (cap_constant_bounds d) as [Hk _].
  assert (Hm : 0 < INR (m - l + 1)) by (apply lt_0_INR; lia).
  unfold R2_form. rewrite root_form; try easy; [|apply Rinv_0_lt_compat; nra]. rewrite Rinv_inv.
  assert (E : INR (m - l + 1) = INR m - INR l + 1) by (rewrite plus_INR, minus_INR by lia; simpl; ring).
  set (a := (2 * s / D) ^ d). pose proof (le_div a (INR (m - l + 1)) (cap_constant d) Hk) as H. rewrite E in *.
  split; intros H1.
  - assert (a / cap_constant d <= INR m - INR l + 1) by (apply H; lra). lra.
  - assert (a <= (INR m - INR l + 1) * cap_constant d) by (apply H; lra). lra.
Qed.

Theorem C4_R4 l m s D : (l < m)%nat -> 0 < D -> (R4_form l m s <= D <-> INR l * s / D <= INR m).
Proof.
  intros Hl HD. assert (Hm : 0 < INR m) by (apply lt_0_INR; lia). unfold R4_form.
  replace (s * (INR l / INR m)) with (INR l * s / INR m) by (field; lra). rewrite !le_div by easy.
  now rewrite (Rmult_comm D).
Qed.

Theorem C4_R7 l m c s D : (2 * l <= m)%nat -> 0 < D ->
  (R7_form l m c s <= D <-> 2 * INR l - 1 + 2 * c * s * sqrt (INR l) / D <= INR m).
Proof.
  intros Hl HD. assert (Hm : 0 < INR (m - 2 * l + 1)) by (apply lt_0_INR; lia). unfold R7_form.
  rewrite le_div by easy. set (a := 2 * c * s * sqrt (INR l)).
  assert (E : INR (m - 2 * l + 1) = INR m - 2 * INR l + 1)
    by (rewrite plus_INR, minus_INR, mult_INR by lia; simpl; ring).
  pose proof (le_div a (INR (m - 2 * l + 1)) D HD) as H. rewrite E in *. split; intros H1.
  - assert (a / D <= INR m - 2 * INR l + 1) by (apply H; lra). lra.
  - assert (a <= (INR m - 2 * INR l + 1) * D) by (apply H; lra). lra.
Qed.

(** ** R3: with its best number of centres *)

Definition R3_serves (d l m : nat) (s D : R) : Prop :=
  (l < m)%nat /\ exists c, (c <= m - l)%nat /\ R3_form d l m c s <= D.

Lemma R3_wider d l m s D : (0 < l)%nat -> 0 <= s -> R3_serves d l m s D -> R3_serves d l (S m) s D.
Proof.
  intros Hl Hs (Hlm & c & Hc & H). split; [lia|]. exists c. split; [lia|]. eapply Rle_trans; [|exact H].
  unfold R3_form. apply Rmult_le_compat_r; [left; apply root_pos|]. apply Rmult_le_compat_l; [lra|].
  apply Rmult_le_compat_l; [apply pos_INR|]. apply Rinv_le_contravar; [apply lt_0_INR; lia | apply le_INR; lia].
Qed.

Lemma R3_most_centres d l m s : (0 < l < m)%nat -> R3_form d l m (m - l) s = R2_form d l m s.
Proof.
  intros Hl. unfold R3_form, R2_form. replace (m - (m - l))%nat with l by lia.
  assert (INR l <> 0) by (apply not_0_INR; lia). replace (INR l / INR l) with 1 by (field; easy). ring.
Qed.

Lemma R3_dec d l m s D : R3_serves d l m s D \/ ~ R3_serves d l m s D.
Proof.
  destruct (lt_dec l m) as [Hl|Hl]; [|right; intros [H _]; lia].
  assert (H : forall n, (exists c, (c < n)%nat /\ R3_form d l m c s <= D)
                      \/ ~ exists c, (c < n)%nat /\ R3_form d l m c s <= D).
  { induction n as [|n IH]; [right; intros (c & Hc & _); lia|].
    destruct IH as [IH|IH].
    - left. destruct IH as (c & Hc & H). exists c. split; [lia | easy].
    - destruct (Rle_dec (R3_form d l m n s) D) as [H|H].
      + left. exists n. split; [lia | easy].
      + right. intros (c & Hc & Hle). destruct (Nat.eq_dec c n) as [->|Hne]; [easy|].
        apply IH. exists c. split; [lia | easy]. }
  destruct (H (S (m - l))) as [Hc|Hc].
  - left. split; [easy|]. destruct Hc as (c & Hc & Hle). exists c. split; [lia | easy].
  - right. intros [_ (c & Hcm & Hle)]. apply Hc. exists c. split; [lia | easy].
Qed.

(** "R3 has a least width by bisection, not above R2's": from one width on it serves, below it it does not *)
Theorem C4_R3 d l s D : (1 <= d)%nat -> (0 < l)%nat -> 0 <= s -> 0 < D ->
  exists least, (forall m, R3_serves d l m s D <-> (least <= m)%nat) /\
    forall m, (l < m)%nat -> R2_form d l m s <= D -> (least <= m)%nat.
Proof.
  intros Hd Hl Hs HD.
  assert (Hmore : forall m e, R3_serves d l m s D -> R3_serves d l (m + e) s D).
  { intros m. induction e as [|e IH]; intros H; [now rewrite Nat.add_0_r|].
    rewrite Nat.add_succ_r. apply R3_wider; auto. }
  assert (H2 : forall m, (l < m)%nat -> R2_form d l m s <= D -> R3_serves d l m s D).
  { intros m Hm H. split; [easy|]. exists (m - l)%nat. split; [lia|]. rewrite R3_most_centres; [easy | lia]. }
  assert (Hsome : exists m, R3_serves d l m s D).
  { destruct (archimed (INR l - 1 + (2 * s / D) ^ d / cap_constant d)) as [Ha _].
    set (z := up (INR l - 1 + (2 * s / D) ^ d / cap_constant d)) in *.
    exists (S l + Z.to_nat z)%nat. apply H2; [lia|]. apply C4_R2; try easy; [lia|].
    rewrite plus_INR. assert (IZR z <= INR (Z.to_nat z)).
    { rewrite INR_IZR_INZ. apply IZR_le. lia. }
    pose proof (pos_INR (S l)). lra. }
  destruct Hsome as (N & HN).
  assert (Hleast : exists least, R3_serves d l least s D /\ forall m, (m < least)%nat -> ~ R3_serves d l m s D).
  { assert (H : forall n, (exists least, (least <= n)%nat /\ R3_serves d l least s D /\
      forall m, (m < least)%nat -> ~ R3_serves d l m s D) \/ forall m, (m <= n)%nat -> ~ R3_serves d l m s D).
    { induction n as [|n IH].
      - destruct (R3_dec d l 0 s D) as [H|H].
        + left. exists O. split; [lia|]. split; [easy|]. intros; lia.
        + right. intros m Hm. now replace m with O by lia.
      - destruct IH as [(least & Hle & H)|IH].
        + left. exists least. split; [lia | easy].
        + destruct (R3_dec d l (S n) s D) as [H|H].
          * left. exists (S n). split; [lia|]. split; [easy|]. intros m Hm. apply IH. lia.
          * right. intros m Hm. destruct (Nat.eq_dec m (S n)) as [->|Hne]; [easy|]. apply IH. lia. }
    destruct (H N) as [(least & _ & Hl0)|Hno]; [now exists least | exfalso; now apply (Hno N)]. }
  destruct Hleast as (least & Hserves & Hbelow). exists least.
  assert (Hiff : forall m, R3_serves d l m s D <-> (least <= m)%nat).
  { intros m. split; intros H.
    - destruct (le_lt_dec least m) as [Hle|Hlt]; [easy|]. exfalso. now apply (Hbelow m).
    - replace m with (least + (m - least))%nat by lia. now apply Hmore. }
  split; [exact Hiff|]. intros m Hm H. apply Hiff. now apply H2.
Qed.

(** ** One slot *)

Theorem C4_silent m s eps : (0 < m)%nat -> 0 <= s -> 0 < eps -> ((s / INR m)^2 <= eps <-> s / sqrt eps <= INR m).
Proof.
  intros Hm Hs He. assert (HmR : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hr : 0 < sqrt eps) by now apply sqrt_lt_R0. pose proof (pow2_sqrt eps ltac:(lra)) as E.
  rewrite <- E at 1. rewrite <- (pow_mono 2).
  - rewrite !le_div by easy. now rewrite (Rmult_comm (sqrt eps)).
  - lia.
  - apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat].
  - lra.
Qed.

Theorem C4_live m s L eps : (0 < m)%nat -> 0 <= s -> 0 <= L -> 0 < eps ->
  (rise L (s / INR m) <= eps <-> s / (sqrt (L + eps) - sqrt L) <= INR m).
Proof.
  intros Hm Hs HL He. assert (HmR : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hd : 0 < sqrt (L + eps) - sqrt L) by (pose proof (sqrt_lt_1_alt L (L + eps)); lra).
  rewrite C4_depth; try lra.
  - rewrite !le_div by easy. now rewrite (Rmult_comm (sqrt (L + eps) - sqrt L)).
  - apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat].
Qed.

Theorem C4_threshold m K s L L' : (0 < m)%nat -> 0 <= L' < L ->
  (K * (s / INR m) < L - sqrt (L * L') <-> K * s / (L - sqrt (L * L')) < INR m).
Proof.
  intros Hm HL. assert (HmR : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hd : 0 < L - sqrt (L * L')).
  { assert (sqrt (L * L') < sqrt (L * L)) by (apply sqrt_lt_1_alt; nra). rewrite (sqrt_square L) in H by lra. lra. }
  replace (K * (s / INR m)) with (K * s / INR m) by (field; lra). rewrite !lt_div by easy.
  now rewrite (Rmult_comm (L - sqrt (L * L'))).
Qed.
