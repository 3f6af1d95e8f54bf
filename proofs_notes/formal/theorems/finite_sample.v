(** Interpolation [known] (blueprint, section 2, T4): on inputs that are non-zero and pairwise neither parallel nor
    anti-parallel the features of N rows can be independent, and N neurons fit anything.

    Definitions: [multiple], b is a multiple of a; [spread_inputs], inputs are non-zero and none is a multiple of
    another; [independent], r rows whose features are linearly independent on the data.
    Statements: T4. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu selection linear.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

(** "non-zero and pairwise neither parallel nor anti-parallel" *)
Definition multiple (n : nat) (a b : vector) : Prop := exists s, forall i, (i < n)%nat -> b i = s * a i.
Definition spread_inputs (X : data) : Prop :=
  (forall k, (k < points X)%nat -> exists i, (i < seen X)%nat /\ input X k i <> 0) /\
  (forall k k', (k < points X)%nat -> (k' < points X)%nat -> k <> k' ->
     ~ multiple (seen X) (input X k) (input X k')).

Lemma nonzero_term {I : Type} (l : list I) (f : I -> R) : lsum l f <> 0 -> exists i, In i l /\ f i <> 0.
Proof.
  induction l as [|i r IH]; simpl; intros H; [now exfalso|].
  destruct (Req_dec (f i) 0) as [E|E]; [|exists i; auto].
  destruct IH as (j & Hj & Hf); [lra|]. exists j; auto.
Qed.

(** a step small enough not to change the sign of finitely many non-zero numbers *)
Lemma small_step (L : list nat) (a b : nat -> R) : (forall j, In j L -> a j <> 0) ->
  exists e, 0 < e /\ forall j, In j L -> Rabs (e * b j) < Rabs (a j).
Proof.
  induction L as [|i L IH]; intros Ha; [exists 1; split; [lra | intros j []]|].
  destruct IH as (e & He & HL); [intros; apply Ha; now right|].
  assert (Hi : 0 < Rabs (a i)) by (apply Rabs_pos_lt, Ha; now left).
  set (d := Rabs (a i) / (Rabs (b i) + 1)). pose proof (Rabs_pos (b i)) as Hb.
  assert (Hd : 0 < d) by (apply Rmult_lt_0_compat; [easy | apply Rinv_0_lt_compat; lra]).
  exists (Rmin e d). split; [now apply Rmin_glb_lt|].
  assert (Hpos : 0 < Rmin e d) by now apply Rmin_glb_lt.
  intros j [<-|Hj]; rewrite Rabs_mult, (Rabs_right (Rmin e d)) by lra.
  - apply Rle_lt_trans with (d * Rabs (b i)); [apply Rmult_le_compat_r; [easy | apply Rmin_r]|].
    apply Rlt_le_trans with (d * (Rabs (b i) + 1)); [nra|]. right. unfold d. field. lra.
  - specialize (HL j Hj). rewrite Rabs_mult, (Rabs_right e) in HL by lra.
    apply Rle_lt_trans with (e * Rabs (b j)); [|easy].
    apply Rmult_le_compat_r; [apply Rabs_pos | apply Rmin_l].
Qed.

Section FiniteSample.
Variable X : data.

Lemma dot_combine a b e v : dot X (fun i => a i + e * b i) v = dot X a v + e * dot X b v.
Proof. unfold dot. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros; ring. Qed.

Lemma dot_sym a b : dot X a b = dot X b a.
Proof. apply lsum_ext; intros; ring. Qed.

Lemma dot_self_pos v i : (i < seen X)%nat -> v i <> 0 -> 0 < dot X v v.
Proof.
  intros Hi Hv. pose proof (enorm_entry (seen X) v i Hi) as H. pose proof (Rabs_pos_lt _ Hv) as Hpos.
  replace (dot X v v) with ((enorm (seen X) v)^2); [nra|].
  rewrite enorm_sq. apply lsum_ext; intros; ring.
Qed.

(** a direction orthogonal to x_0 and to none of the others *)
Lemma generic_direction (x0 : vector) (L : list nat) :
  (exists i, (i < seen X)%nat /\ x0 i <> 0) -> (forall k, In k L -> ~ multiple (seen X) x0 (input X k)) ->
  exists w, dot X w x0 = 0 /\ forall k, In k L -> dot X w (input X k) <> 0.
Proof.
  intros (i0 & Hi0 & Hx0). pose proof (dot_self_pos x0 i0 Hi0 Hx0) as H00.
  induction L as [|k L IH]; intros Hnot.
  - exists (fun _ => 0). split; [|intros k []]. apply lsum_zero; intros; ring.
  - destruct IH as (w & Hw0 & Hw); [intros; apply Hnot; now right|].
    destruct (Req_dec (dot X w (input X k)) 0) as [E|E].
    2:{ exists w. split; [easy|]. intros j [<-|Hj]; auto. }
    set (s := dot X (input X k) x0 / dot X x0 x0).
    set (r := fun i => input X k i + (- s) * x0 i).
    assert (Hr0 : dot X r x0 = 0) by (unfold r; rewrite dot_combine; unfold s; field; lra).
    assert (Hrr : dot X r (input X k) <> 0).
    { intros Hzero. apply (Hnot k (or_introl eq_refl)). exists s. intros i Hi.
      destruct (Req_dec (r i) 0) as [Er|Er]; [unfold r in Er; lra|]. exfalso.
      pose proof (dot_self_pos r i Hi Er) as Hpos.
      assert (Hself : dot X r r = dot X r (input X k) + (- s) * dot X r x0).
      { unfold r at 2. now rewrite dot_sym, dot_combine, !(dot_sym _ r). }
      rewrite Hself, Hr0, Hzero in Hpos. lra. }
    destruct (small_step L (fun j => dot X w (input X j)) (fun j => dot X r (input X j)) Hw) as (e & He & Hsmall).
    exists (fun i => w i + e * r i). split; [rewrite dot_combine, Hw0, Hr0; ring|].
    intros j Hj. rewrite dot_combine. destruct Hj as [<-|Hj].
    + rewrite E. assert (e * dot X r (input X k) <> 0) by (apply Rmult_integral_contrapositive; lra). lra.
    + specialize (Hsmall j Hj). intros Hsum.
      replace (dot X w (input X j)) with (- (e * dot X r (input X j))) in Hsmall by lra.
      rewrite Rabs_Ropp in Hsmall. lra.
Qed.

(** the features of all directions w span the functions on the data *)
Lemma feature_not_orthogonal (r : nat -> R) k0 : spread_inputs X -> (k0 < points X)%nat -> r k0 <> 0 ->
  exists w, \sum_(k < points X) (r k * relu (dot X w (input X k))) <> 0.
Proof.
  intros [Hnz Hpar] Hk0 Hr. set (x0 := input X k0).
  set (L := others (points X) [k0]).
  assert (HL : forall k, In k L -> (k < points X)%nat /\ k <> k0).
  { intros k Hk. apply in_others in Hk. destruct Hk as [Hk Hout]. split; [easy|].
    intros ->. apply Hout. now left. }
  destruct (generic_direction x0 L (Hnz k0 Hk0)) as (w & Hw0 & Hw).
  { intros k Hk. destruct (HL k Hk). apply Hpar; auto. }
  destruct (small_step L (fun k => dot X w (input X k)) (fun k => dot X x0 (input X k)) Hw) as (e & He & Hsmall).
  assert (H00 : 0 < dot X x0 x0).
  { destruct (Hnz k0 Hk0) as (i & Hi & Hx). now apply (dot_self_pos x0 i). }
  set (phi := fun s => \sum_(k < points X) (r k * relu (dot X (fun i => w i + s * x0 i) (input X k)))).
  (* the second difference sees x_0 alone *)
  assert (Hdiff : phi e + phi (- e) - 2 * phi 0 = r k0 * (e * dot X x0 x0)).
  { unfold phi. rewrite <- lsum_plus, <- lsum_scal, <- lsum_minus.
    rewrite <- (lsum_delta (points X) k0 (fun _ => r k0 * (e * dot X x0 x0)) Hk0).
    apply lsum_ext; intros k Hk. apply in_rng in Hk. rewrite !dot_combine.
    destruct (Nat.eqb_spec k0 k) as [<-|Hne].
    - fold x0. rewrite Hw0. rewrite (relu_pos (0 + e * _)) by nra. rewrite (relu_neg (0 + - e * _)) by nra.
      rewrite (relu_pos (0 + 0 * _)) by lra. ring.
    - assert (HkL : In k L) by (apply in_others; split; [easy|]; intros [E|[]]; congruence).
      specialize (Hsmall k HkL). cbv beta in Hsmall.
      set (a := dot X w (input X k)) in *. set (b := dot X x0 (input X k)) in *. clearbody a b.
      enough (relu (a + e * b) + relu (a + - e * b) - 2 * relu (a + 0 * b) = 0) by nra.
      replace (- e * b) with (- (e * b)) by ring. set (q := e * b) in *. clearbody q.
      revert Hsmall. unfold Rabs. repeat destruct Rcase_abs; intros; relu_cases; lra. }
  assert (Hne : phi e + phi (- e) - 2 * phi 0 <> 0).
  { rewrite Hdiff. apply Rmult_integral_contrapositive. split; [easy|]. nra. }
  destruct (Req_dec (phi e) 0) as [E1|E1]; [|eexists; exact E1].
  destruct (Req_dec (phi (- e)) 0) as [E2|E2]; [|eexists; exact E2].
  destruct (Req_dec (phi 0) 0) as [E3|E3]; [lra | eexists; exact E3].
Qed.

(** * N neurons fit anything *)

(** r rows whose features are linearly independent on the data *)
Definition independent (r : nat) (w : matrix) : Prop := forall a : nat -> R,
  (forall k, (k < points X)%nat -> \sum_(j < r) (a j * relu (dot X (w j) (input X k))) = 0) ->
  forall j, (j < r)%nat -> a j = 0.

Lemma sum_S n (F : nat -> R) : \sum_(j < S n) F j = \sum_(j < n) F j + F n.
Proof. rewrite seq_S, lsum_app. simpl. ring. Qed.

Lemma independent_rows r : spread_inputs X -> (r <= points X)%nat -> exists w, independent r w.
Proof.
  intros Hspread. induction r as [|r IH]; intros Hr.
  - exists (fun _ _ => 0). intros a _ j Hj. lia.
  - destruct IH as (w & Hw); [lia|].
    (* a function on the data orthogonal to the r features *)
    destruct (dependent r (seq 0 (points X)) (fun k j => relu (dot X (w j) (input X k)))) as (b & (k0 & Hk0 & Hb) & Hort).
    { apply seq_NoDup. } { rewrite seq_length. lia. }
    apply in_rng in Hk0. destruct (feature_not_orthogonal b k0 Hspread Hk0 Hb) as (w1 & Hw1).
    exists (fun j => if Nat.eqb j r then w1 else w j). intros a Ha.
    set (z := fun j k => relu (dot X ((if Nat.eqb j r then w1 else w j) : vector) (input X k))).
    assert (Hz : forall j k, (j < r)%nat -> z j k = relu (dot X (w j) (input X k))).
    { intros j k Hj. unfold z. destruct (Nat.eqb_spec j r); [lia | easy]. }
    assert (Hzr : forall k, z r k = relu (dot X w1 (input X k))) by (intros; unfold z; now rewrite Nat.eqb_refl).
    assert (Har : a r = 0).
    { assert (Hsum : \sum_(k < points X) (b k * \sum_(j < S r) (a j * z j k)) = 0).
      { apply lsum_zero. intros k Hk. apply in_rng in Hk. unfold z. rewrite (Ha k Hk). ring. }
      rewrite (lsum_ext _ _ (fun k => \sum_(j < r) (b k * (a j * z j k)) + a r * (b k * z r k))) in Hsum.
      2:{ intros k _. rewrite sum_S, Rmult_plus_distr_l, <- lsum_scal. ring. }
      rewrite lsum_plus, lsum_scal, lsum_swap, lsum_zero, Rplus_0_l in Hsum.
      - rewrite (lsum_ext _ (fun k => b k * z r k) (fun k => b k * relu (dot X w1 (input X k)))) in Hsum
          by (intros; now rewrite Hzr).
        apply Rmult_integral in Hsum. now destruct Hsum.
      - intros j Hj. apply in_rng in Hj.
        rewrite (lsum_ext _ _ (fun k => a j * (b k * relu (dot X (w j) (input X k)))))
          by (intros; rewrite Hz by easy; ring).
        rewrite lsum_scal, (Hort j Hj). ring. }
    intros j Hj. destruct (Nat.eq_dec j r) as [->|Hne]; [easy|]. apply (Hw a); [|lia].
    intros k Hk. rewrite <- (Ha k Hk), sum_S, Har, Rmult_0_l, Rplus_0_r.
    apply lsum_ext; intros i Hi. apply in_rng in Hi. now rewrite <- Hz.
Qed.

(** N neurons fit anything *)
Theorem T4_interpolation (y : nat -> vector) : spread_inputs X ->
  exists w v, forall k c, (k < points X)%nat -> (c < outputs X)%nat -> two_layer X (points X) w v k c = y k c.
Proof.
  intros Hspread. set (N := points X). destruct (independent_rows N Hspread (Nat.le_refl _)) as (w & Hw).
  set (z := fun j k => relu (dot X (w j) (input X k))).
  assert (Hc : forall c, exists v : nat -> R, forall k, (k < N)%nat -> \sum_(j < N) (v j * z j k) = y k c).
  { intros c.
    destruct (dependent N (seq 0 (S N)) (fun j k => if Nat.eqb j N then y k c else z j k))
      as (a & (j0 & Hj0 & Haj0) & Hsum).
    { apply seq_NoDup. } { rewrite seq_length. lia. }
    assert (Hsum' : forall k, (k < N)%nat -> \sum_(j < N) (a j * z j k) + a N * y k c = 0).
    { intros k Hk. rewrite <- (Hsum k Hk), sum_S, Nat.eqb_refl. f_equal. apply lsum_ext; intros j Hj.
      apply in_rng in Hj. destruct (Nat.eqb_spec j N); [lia | easy]. }
    destruct (Req_dec (a N) 0) as [E|E].
    - exfalso. apply Haj0. apply in_rng in Hj0. destruct (Nat.eq_dec j0 N) as [->|Hne]; [easy|].
      apply (Hw a); [|lia]. intros k Hk. specialize (Hsum' k Hk). rewrite E in Hsum'. unfold z in Hsum'. lra.
    - exists (fun j => - (a j / a N)). intros k Hk. specialize (Hsum' k Hk).
      rewrite (lsum_ext _ _ (fun j => - / a N * (a j * z j k))) by (intros; field; easy).
      rewrite lsum_scal. apply (Rmult_eq_reg_l (a N)); [|easy].
      replace (a N * (- / a N * \sum_(j < N) (a j * z j k))) with (- \sum_(j < N) (a j * z j k)) by (field; easy).
      lra. }
  (* one readout column for every output *)
  assert (Hv : forall n, exists v : nat -> nat -> R, forall c, (c < n)%nat -> forall k, (k < N)%nat ->
    \sum_(j < N) (v c j * z j k) = y k c).
  { induction n as [|n (v & Hv)]; [exists (fun _ _ => 0); intros; lia|].
    destruct (Hc n) as (u & Hu). exists (fun c => if Nat.eqb c n then u else v c).
    intros c Hcn k Hk. destruct (Nat.eqb_spec c n) as [->|Hne]; [now apply Hu | apply Hv; [lia | easy]]. }
  destruct (Hv (outputs X)) as (v & HvX).
  exists w, (fun j c => v c j). intros k c Hk Hcp. now apply HvX.
Qed.

(** "l >= N: e(l) = 0" *)
Corollary T4_zero_loss l : spread_inputs X -> (points X <= l)%nat ->
  exists w v, squared X (two_layer X l w v) = 0.
Proof.
  intros Hspread Hl. destruct (T4_interpolation (target X) Hspread) as (w & v & Hfit).
  exists w, (fun j c => if mem j (seq 0 (points X)) then v j c else 0).
  apply lsum_zero. intros k Hk. apply in_rng in Hk. rewrite lsum_zero; [ring|]. intros c Hc. apply in_rng in Hc.
  replace (two_layer X l w _ k c) with (target X k c); [ring|]. rewrite <- Hfit by easy. unfold two_layer.
  rewrite <- (lsum_mem l (seq 0 (points X))) by (apply seq_NoDup || (intros j Hj; apply in_rng in Hj; lia)).
  apply lsum_ext; intros j _. destruct (mem j (seq 0 (points X))); ring.
Qed.
End FiniteSample.
